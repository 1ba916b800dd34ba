# ends_gssapi.pl: both ends of a login with Debian's libgssapi-perl. Usage: ends_gssapi.pl SERVICE@HOST
use strict;
use warnings;
use GSSAPI qw(:all);

my ($service) = @ARGV;
my $krb5 = GSSAPI::OID::gss_mech_krb5;

sub good {
    my ($status) = @_;
    die join("; ", $status->generic_message, $status->specific_message) if GSSAPI::Status::GSS_ERROR($status->major);
    return $status->major;
}

sub target {
    my ($name) = @_;
    my $target;
    good(GSSAPI::Name->import($target, $name, GSSAPI::OID::gss_nt_hostbased_service));
    return $target;
}

# The context is changed in its place.
sub init {
    my (undef, $target, $token) = @_;
    my ($mech, $flags, $time, $out);
    good($_[0]->init(GSS_C_NO_CREDENTIAL, $target, $krb5, GSS_C_MUTUAL_FLAG | GSS_C_DELEG_FLAG, 0,
        GSS_C_NO_CHANNEL_BINDINGS, $token, $mech, $out, $flags, $time));
    return ($out, $flags);
}

my ($client, $server) = (GSSAPI::Context->new, GSSAPI::Context->new);
my ($to_server) = init($client, target($service), "");
my ($who, $mech, $to_client, $flags, $time, $delegated, $name);
good($server->accept(GSS_C_NO_CREDENTIAL, $to_server, GSS_C_NO_CHANNEL_BINDINGS, $who, $mech, $to_client, $flags, $time,
    $delegated));
init($client, target($service), $to_client);
good($who->display($name));
my ($conf, $wrapped, $message, $qop);
good($client->wrap(1, 0, "over the wire", $conf, $wrapped));
good($server->unwrap($wrapped, $message, $conf, $qop));
print "$name\n$message\n", ($conf ? "sealed\n" : "open\n"), ($flags & GSS_C_DELEG_FLAG ? "delegated\n" : "\n");
my $other = GSSAPI::Context->new;
eval { init($other, target("nosuch\@localhost"), "") };
print $@;
