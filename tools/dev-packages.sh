# dev-packages.sh: which Debian 12 packages each ./dev command needs, and their installation.
# Sourced by ./dev.

die() {
    printf './dev: %s\n' "$*" >&2
    exit 1
}

# takes_nothing refuses words that a command has no use for.
takes_nothing() {
    local command=$1
    shift
    [ $# -eq 0 ] || die "$command: '$1' is no argument of it, which takes none"
}

say() {
    if [ -t 2 ]; then
        printf '\033[1m==\033[0m %s\n' "$*" >&2
    else
        printf '== %s\n' "$*" >&2
    fi
}

packages_build="gcc libc6-dev meson ninja-build pkg-config python3 libssl-dev liblmdb-dev libseccomp-dev libkeyutils-dev libmicrohttpd-dev libcurl4-openssl-dev libp11-kit-dev libqrencode-dev libcmocka-dev"
# Smart cards that are files, what puts keys on them, and the module of all modules.
packages_cards="softhsm2 opensc p11-kit-modules"
packages_mit="krb5-user krb5-kdc krb5-admin-server krb5-pkinit"
# Debian's heimdal-clients and heimdal-kdc conflict with MIT's packages, so only their libraries are
# installed; tests/peers unpacks the two packages themselves into a cache (tools/heimdal-unpack).
packages_heimdal="libasn1-8-heimdal libgssapi3-heimdal libhcrypto5-heimdal libhdb9-heimdal
    libheimbase1-heimdal libheimntlm0-heimdal libhx509-5-heimdal libkadm5clnt7-heimdal
    libkadm5srv8-heimdal libkafs0-heimdal libkdc2-heimdal libkrb5-26-heimdal libotp0-heimdal
    libroken19-heimdal libsl0-heimdal libwind0-heimdal libcap-ng0 libedit2"
# The Python package: its build, its checks, and what it is compared with.
packages_python="$packages_build python3-dev python3-pip python3-wheel python3-pytest python3-pytest-xdist mypy python3-gssapi
    openssl python3-requests python3-httpx python3-flask python3-authlib python3-starlette python3-fastapi python3-django
    python3-aiohttp python3-ldap3 python3-kafka slapd libsasl2-modules-gssapi-mit dovecot-imapd dovecot-gssapi
    postgresql-15 python3-sqlalchemy python3-psycopg2 krb5-user $packages_cards"
packages_run="$packages_build $packages_mit curl python3-requests python3-requests-kerberos"
packages_bench="$packages_build $packages_mit"
packages_fuzz="$packages_build clang libclang-rt-14-dev llvm"
packages_lint="$packages_build python3-dev git clang clang-format clang-tidy cppcheck python3-pytest"
# Servers and clients that nobody here wrote, which run on our library in tests/peers/test_compat_*.py.
packages_services="postgresql-15 postgresql-client-15 slapd ldap-utils libsasl2-modules-gssapi-mit
    krb5-otp freeradius dovecot-imapd dovecot-gssapi bind9 bind9-dnsutils nfs-common
    apache2-bin libapache2-mod-auth-gssapi nginx-light squid git openssl chromium firefox-esr samba-common-bin samba samba-ad-provision python3-samba samba-dsdb-modules
    krb5-kdc-ldap ruby-gssapi libgssapi-perl remctl-client remctl-server fetchmail gsasl
    prometheus systemd"
# What Debian's exim4-daemon-heavy needs; itself it would push out another mail server, so it is unpacked
# into a cache (tests/support/exim.py). exim4-config makes the user that it was built to run as.
packages_exim="exim4-config libgnutls-dane0 libidn12 libmariadb3 libnsl2 libperl5.36 libpq5 libsasl2-2 libspf2-2"
packages_peers="$packages_build $packages_mit $packages_heimdal $packages_cards krb5-pkinit python3-pytest python3-pytest-xdist openjdk-17-jdk-headless
    faketime curl python3-requests python3-requests-kerberos python3-gssapi python3-kerberos
    openssh-server openssh-client python3-pip python3-parameterized iproute2 g++ golang-go
    python3-dev python3-httpx python3-cryptography python3-decorator
    golang-github-jcmturner-gokrb5.v8-dev krb5-k5tls python3-kdcproxy python3-prometheus-client
    python3-jsonschema python3-impacket libzbar0 libauthen-krb5-admin-perl john maven freetds-bin $packages_exim $packages_services"
# Node as other makers package it has npm and the headers with it, and conflicts with Debian's.
[ -x /usr/bin/node ] || packages_peers="$packages_peers nodejs"
[ -x /usr/bin/npm ] || packages_peers="$packages_peers npm"
[ -e /usr/include/node/node_api.h ] || packages_peers="$packages_peers libnode-dev"
packages_test="$packages_python $packages_peers $packages_lint $packages_fuzz valgrind libc6-dbg man-db mandoc zsh fish"

# as_root runs a command as root: directly, or through sudo.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root to install packages, and there is no sudo: run it as root once, or install sudo"
    fi
}

# packages_missing prints those of its arguments that are not installed, each once.
packages_missing() {
    local installed
    installed=$(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null || true)
    installed=$(sed -n 's/ installed$//p' <<<"$installed")
    printf '%s\n' "$@" | sort -u | grep -vxF -e "$installed" || true
}

policy=/usr/sbin/policy-rc.d
policy_mark="written by Obol's ./dev while it installs packages"

# services_hold keeps the services of packages being installed (a peer's KDC) from being started;
# services_release puts back what was there.
services_hold() {
    if [ -e $policy ] && ! grep -q "$policy_mark" $policy; then
        as_root mv $policy $policy.obol-saved
    fi
    printf '#!/bin/sh\n# %s\nexit 101\n' "$policy_mark" | as_root tee $policy >/dev/null
    as_root chmod 755 $policy
}

services_release() {
    grep -qs "$policy_mark" $policy || return 0
    as_root rm -f $policy
    if [ -e $policy.obol-saved ]; then
        as_root mv $policy.obol-saved $policy
    fi
}

# services_of prints the services that a package brings along, itself or by what it depends on.
services_of() {
    case $1 in
    krb5-kdc | krb5-admin-server | slapd | squid) echo "$1" ;;
    nginx-light) echo nginx ;;
    samba) echo smbd nmbd samba-ad-dc ;;
    openssh-server) echo ssh ;;
    postgresql-15) echo postgresql ;;
    dovecot-imapd) echo dovecot ;;
    bind9) echo named ;;
    freeradius) echo freeradius ;;
    prometheus) echo prometheus ;;
    nfs-common) echo nfs-client.target rpcbind.service rpcbind.socket ;;
    esac
}

# services_disable keeps the peers' servers that were just installed from starting at the next boot.
services_disable() {
    local package service
    [ -d /run/systemd/system ] || return 0
    for package in "$@"; do
        for service in $(services_of "$package"); do
            as_root systemctl --quiet disable "$service" || true
        done
    done
}

apt() {
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=600 \
        -o Dpkg::Use-Pty=0 "$@"
}

# packages_fail names the packages that cannot be installed, and what to do.
packages_fail() {
    local name log=$1 culprit=
    shift
    tail -n 15 "$log" >&2
    for name in "$@"; do
        apt-get -s -q install --no-install-recommends "$name" >/dev/null 2>&1 || culprit="$culprit $name"
    done
    die "these packages could not be installed:${culprit:- $*}
  what apt-get said is above and in $log
  Obol is built on Debian 12 (bookworm). Check the network and /etc/apt/sources.list, then try
      apt-get update && apt-get install --no-install-recommends${culprit:- $*}"
}

# packages_install installs what is missing, with one apt-get update.
packages_install() {
    local log status=0
    log=$(mktemp /tmp/obol-apt.XXXXXX)
    say "installing: $*"
    trap services_release EXIT
    services_hold
    { apt update && apt install --no-install-recommends "$@"; } >"$log" 2>&1 || status=$?
    services_release
    trap - EXIT
    [ $status -eq 0 ] || packages_fail "$log" "$@"
    rm -f "$log"
    services_disable "$@"
}

# packages_need makes sure that a command's packages are there.
packages_need() {
    local list="packages_$1" missing
    command -v dpkg-query >/dev/null || die "this is not Debian: install by hand: ${!list}"
    # shellcheck disable=SC2086  # the lists are words
    missing=$(packages_missing ${!list})
    # shellcheck disable=SC2086
    [ -z "$missing" ] || packages_install $missing
}

# localhost_need makes sure that the name localhost is known: a bare chroot has no /etc/hosts at all.
localhost_need() {
    getent hosts localhost >/dev/null || getent ahosts localhost >/dev/null || {
        say "this machine does not know the name localhost: adding it to /etc/hosts"
        printf '127.0.0.1\tlocalhost\n' | as_root tee -a /etc/hosts >/dev/null
    }
}
