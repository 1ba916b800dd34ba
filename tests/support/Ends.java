// Ends.java: an end of a GSS-API context (see ends.py) in Java, by JGSS: Java's own Kerberos, or with
// -Dsun.security.jgss.native=true whatever library it is told of. Java's own logs in first:
// login CONF SOURCE, where SOURCE is cache=FILE for an initiator, keytab=FILE for an acceptor.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.*;
import javax.security.auth.Subject;
import javax.security.auth.login.*;
import org.ietf.jgss.*;

public class Ends {
    static final Map<String, String> MECHS = Map.of("krb5", "1.2.840.113554.1.2.2", "spnego", "1.3.6.1.5.5.2");
    static final GSSManager manager = GSSManager.getInstance();
    static Subject subject;
    static GSSContext context;

    static class Module extends Configuration {
        final Map<String, String> options = new HashMap<>(Map.of("refreshKrb5Config", "true", "doNotPrompt", "true"));

        Module(String source) {
            String file = source.substring(source.indexOf('=') + 1);
            if (source.startsWith("cache=")) options.putAll(Map.of("useTicketCache", "true", "ticketCache", file));
            else options.putAll(Map.of("useKeyTab", "true", "keyTab", file, "principal", "*", "isInitiator", "false", "storeKey", "true"));
        }

        public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            return new AppConfigurationEntry[] {new AppConfigurationEntry(
                "com.sun.security.auth.module.Krb5LoginModule",
                AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
        }
    }

    static String[] login(String conf, String source) throws Exception {
        System.setProperty("java.security.krb5.conf", conf);
        LoginContext login = new LoginContext("obol", new Subject(), null, new Module(source));
        login.login();
        subject = login.getSubject();
        return new String[0];
    }

    static void begin(GSSContext fresh, String bindings) throws GSSException {
        if (context != null) context.dispose();
        context = fresh;
        if (!bindings.isEmpty()) fresh.setChannelBinding(new ChannelBinding(bindings.getBytes(StandardCharsets.UTF_8)));
    }

    static String[] init(String mech, String flags, String target, String bindings) throws GSSException {
        int wanted = Integer.parseInt(flags, 16);
        GSSName name = manager.createName(target, GSSName.NT_HOSTBASED_SERVICE);
        begin(manager.createContext(name, new Oid(MECHS.get(mech)), null, GSSContext.DEFAULT_LIFETIME), bindings);
        context.requestCredDeleg((wanted & 1) != 0);
        context.requestMutualAuth((wanted & 2) != 0);
        context.requestReplayDet((wanted & 4) != 0);
        context.requestSequenceDet((wanted & 8) != 0);
        context.requestConf((wanted & 16) != 0);
        context.requestInteg((wanted & 32) != 0);
        return new String[0];
    }

    static String[] step(byte[] token) throws GSSException {
        byte[] out = context.isInitiator() ? context.initSecContext(token, 0, token.length)
                                           : context.acceptSecContext(token, 0, token.length);
        return new String[] {encode(out), context.isEstablished() ? "1" : "0"};
    }

    static String[] facts() throws GSSException {
        int flags = (context.getCredDelegState() ? 1 : 0) | (context.getMutualAuthState() ? 2 : 0)
            | (context.getReplayDetState() ? 4 : 0) | (context.getSequenceDetState() ? 8 : 0)
            | (context.getConfState() ? 16 : 0) | (context.getIntegState() ? 32 : 0);
        String owner = "";
        if (!context.isInitiator() && context.getCredDelegState()) owner = context.getDelegCred().getName().toString();
        return new String[] {Integer.toHexString(flags), context.getSrcName().toString(), context.getTargName().toString(), owner};
    }

    static String[] wrap(boolean conf, byte[] message) throws GSSException {
        return new String[] {encode(context.wrap(message, 0, message.length, new MessageProp(0, conf)))};
    }

    static String[] unwrap(byte[] token) throws GSSException {
        MessageProp found = new MessageProp(0, false);
        byte[] message = context.unwrap(token, 0, token.length, found);
        if (found.isDuplicateToken() || found.isOldToken()) throw new GSSException(GSSException.DUPLICATE_TOKEN);
        return new String[] {found.getPrivacy() ? "1" : "0", encode(message)};
    }

    static String[] mic(byte[] message) throws GSSException {
        return new String[] {encode(context.getMIC(message, 0, message.length, new MessageProp(0, false)))};
    }

    static String[] verify(byte[] message, byte[] token) throws GSSException {
        context.verifyMIC(token, 0, token.length, message, 0, message.length, new MessageProp(0, false));
        return new String[0];
    }

    static String encode(byte[] data) {
        return data == null ? "" : Base64.getEncoder().encodeToString(data);
    }
    static byte[] decode(String text) {
        return Base64.getDecoder().decode(text);
    }

    static String[] call(String[] w) throws Exception {
        switch (w[0]) {
        case "login": return login(w[1], w[2]);
        case "init": return init(w[1], w[2], w[3], w[4]);
        case "accept":
            begin(manager.createContext((GSSCredential) null), w[1]);
            return new String[0];
        case "step": return step(decode(w[1]));
        case "facts": return facts();
        case "wrap": return wrap(w[1].equals("1"), decode(w[2]));
        case "unwrap": return unwrap(decode(w[1]));
        case "mic": return mic(decode(w[1]));
        case "verify": return verify(decode(w[1]), decode(w[2]));
        default: throw new IllegalArgumentException(w[0]);
        }
    }

    static String describe(Throwable t) {
        StringBuilder text = new StringBuilder();
        for (Throwable at = t; at != null; at = at.getCause()) text.append(at).append("; ");
        return text.toString().replaceAll("\\s+", " ");
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", -1);
            String answer;
            try {
                String[] said = subject == null || words[0].equals("login") ? call(words)
                    : Subject.doAs(subject, (PrivilegedExceptionAction<String[]>) () -> call(words));
                answer = "ok" + (said.length == 0 ? "" : "\t" + String.join("\t", said));
            } catch (Exception e) {
                answer = "failed\t" + describe(e);
            }
            System.out.println(answer);
            System.out.flush();
        }
    }
}
