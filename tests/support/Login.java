// Login.java: Java's own Kerberos: a password, keytab or cache becomes a TGT (Krb5LoginModule), the TGT
// a token for a service (JGSS). One virtual machine does many logins: each is a line on standard input,
// CONF PRINCIPAL SERVICE@HOST SOURCE PASSWORD with tabs between them, where SOURCE is keytab=FILE,
// cache=FILE or empty; the answer is lines that end with "done" or "failed".
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.security.PrivilegedExceptionAction;
import java.util.*;
import javax.security.auth.Subject;
import javax.security.auth.callback.*;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.*;
import org.ietf.jgss.*;

public class Login {
    static class Module extends Configuration {
        // Its configuration is read anew for each login.
        final Map<String, String> options = new HashMap<>(Map.of("refreshKrb5Config", "true"));

        Module(String principal, String source) {
            if (source.isEmpty()) return;
            String file = source.substring(source.indexOf('=') + 1);
            options.putAll(Map.of("principal", principal, "doNotPrompt", "true"));
            if (source.startsWith("keytab=")) options.putAll(Map.of("useKeyTab", "true", "keyTab", file));
            else options.putAll(Map.of("useTicketCache", "true", "ticketCache", file));
        }

        public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            return new AppConfigurationEntry[] {new AppConfigurationEntry(
                "com.sun.security.auth.module.Krb5LoginModule",
                AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
        }
    }

    static void login(String principal, String service, String source, String password) throws Exception {
        CallbackHandler answers = callbacks -> {
            for (Callback c : callbacks) {
                if (c instanceof NameCallback) ((NameCallback) c).setName(principal);
                if (c instanceof PasswordCallback) ((PasswordCallback) c).setPassword(password.toCharArray());
            }
        };
        LoginContext login = new LoginContext("obol", new Subject(), answers, new Module(principal, source));
        login.login();
        Subject.doAs(login.getSubject(), (PrivilegedExceptionAction<Void>) () -> {
            GSSManager manager = GSSManager.getInstance();
            GSSContext context = manager.createContext(
                manager.createName(service, GSSName.NT_HOSTBASED_SERVICE), new Oid("1.2.840.113554.1.2.2"),
                null, GSSContext.DEFAULT_LIFETIME);
            context.requestMutualAuth(true);
            System.out.println("token " + context.initSecContext(new byte[0], 0, 0).length);
            return null;
        });
        for (KerberosTicket t : login.getSubject().getPrivateCredentials(KerberosTicket.class))
            System.out.println("ticket " + t.getServer() + " " + t.getSessionKeyType());
    }

    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", -1);
            System.setProperty("java.security.krb5.conf", words[0]);
            String end = "done";
            try {
                login(words[1], words[2], words[3], words[4]);
            } catch (Exception e) {
                e.printStackTrace(System.out);
                end = "failed";
            }
            System.out.println(end);
            System.out.flush();
        }
    }
}
