// Login.java: Java's own Kerberos: a password becomes a TGT (Krb5LoginModule), the TGT a token for
// a service (JGSS). Prints what it got. Usage: Login PRINCIPAL SERVICE@HOST [keytab=FILE | cache=FILE],
// else the password on stdin.
import java.security.PrivilegedExceptionAction;
import java.util.*;
import javax.security.auth.Subject;
import javax.security.auth.callback.*;
import javax.security.auth.kerberos.KerberosTicket;
import javax.security.auth.login.*;
import org.ietf.jgss.*;

public class Login {
    static class Module extends Configuration {
        final Map<String, String> options = new HashMap<>(Map.of("refreshKrb5Config", "true"));

        Module(String principal, String from) {
            if (from == null) return;
            String file = from.substring(from.indexOf('=') + 1);
            options.putAll(Map.of("principal", principal, "doNotPrompt", "true"));
            if (from.startsWith("keytab=")) options.putAll(Map.of("useKeyTab", "true", "keyTab", file));
            else options.putAll(Map.of("useTicketCache", "true", "ticketCache", file));
        }

        public AppConfigurationEntry[] getAppConfigurationEntry(String name) {
            return new AppConfigurationEntry[] {new AppConfigurationEntry(
                "com.sun.security.auth.module.Krb5LoginModule",
                AppConfigurationEntry.LoginModuleControlFlag.REQUIRED, options)};
        }
    }

    public static void main(String[] args) throws Exception {
        String from = args.length > 2 ? args[2] : null;
        char[] password = from == null ? new Scanner(System.in).nextLine().toCharArray() : new char[0];
        CallbackHandler answers = callbacks -> {
            for (Callback c : callbacks) {
                if (c instanceof NameCallback) ((NameCallback) c).setName(args[0]);
                if (c instanceof PasswordCallback) ((PasswordCallback) c).setPassword(password);
            }
        };
        LoginContext login = new LoginContext("obol", new Subject(), answers, new Module(args[0], from));
        login.login();
        Subject.doAs(login.getSubject(), (PrivilegedExceptionAction<Void>) () -> {
            GSSManager manager = GSSManager.getInstance();
            GSSContext context = manager.createContext(
                manager.createName(args[1], GSSName.NT_HOSTBASED_SERVICE), new Oid("1.2.840.113554.1.2.2"),
                null, GSSContext.DEFAULT_LIFETIME);
            context.requestMutualAuth(true);
            System.out.println("token " + context.initSecContext(new byte[0], 0, 0).length);
            return null;
        });
        for (KerberosTicket t : login.getSubject().getPrivateCredentials(KerberosTicket.class))
            System.out.println("ticket " + t.getServer() + " " + t.getSessionKeyType());
    }
}
