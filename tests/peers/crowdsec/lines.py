"""Log lines as events, with the fields that CrowdSec's parsers give them: a regex for each kind of line."""

import re
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import Any

from minerlib.event import Event
from minerlib.event.moment import MINUTE, from_datetime

_YEAR = "2026"  # of a syslog line, which says none
_IP = r"(?:::ffff:)?(?P<source_ip>[0-9A-Fa-f:.]*[0-9A-Fa-f])"
_TIMES = [
    (r"\d{4}-\d\d-\d\d[T ]+\d?\d:\d\d:\d\d(?:[.,]\d+)?(?:Z| ?[+-]\d\d:?\d\d)?", ""),
    (r"date=(\S+) time=(\S+)", "%Y-%m-%d %H:%M:%S"),
    (r"\[(\d+/\w+/\d+:\d+:\d+:\d+ [+-]\d+)\]", "%d/%b/%Y:%H:%M:%S %z"),
    (r"\[(\d+/\w+/\d+ \d+:\d+:\d+)\]", "%d/%b/%Y %H:%M:%S"),
    (r"(\d{4}/\d\d/\d\d \d\d:\d\d:\d\d)", "%Y/%m/%d %H:%M:%S"),
    (r"(\d\d/\d\d/\d\d \d\d:\d\d:\d\d\.\d+)", "%m/%d/%y %H:%M:%S.%f"),
    (r"(\d\d/\d\d/\d\d, \d+:\d\d:\d\d [AP]M)", "%m/%d/%y, %I:%M:%S %p"),
    (r"\[\w{3} (\w{3} \d+ \d\d:\d\d:\d\d\.\d+ \d{4})\]", "%b %d %H:%M:%S.%f %Y"),
    (r"\[?(\w{3} +\d+ \d\d:\d\d:\d\d)", "%b %d %H:%M:%S"),
    (r"(?:audit\(|\"ID\":\")(\d+\.\d+)", "epoch"),
]
_ACCESS = re.compile(
    rf'(?:(?P<target_fqdn>\S+) )?{_IP} - .*?\[[^]]+\] "(?P<said>.*?)" (?P<http_status>\d+) \S+'
    r'(?: "[^"]*" "(?P<http_user_agent>[^"]*)")?'
)
_REQUEST = re.compile(r"(?P<verb>[A-Z]+) (?P<request>\S.*?)(?: HTTP/[\d.]+)?")
_STATIC = (".jpg", ".jpeg", ".png", ".gif", ".ico", ".css", ".js", ".woff", ".woff2", ".svg", ".ttf", ".webp")

# By CrowdSec's name of the format: what a line looks like, and what else is said of one that does.
_LINES: list[tuple[str, str, dict[str, Any]]] = [
    ("syslog", rf"sshd\S*: Invalid user (?P<target_user>\S+) from {_IP}", {"log_type": "ssh_failed-auth"}),
    ("syslog", rf"sshd\S*: Accepted \w+ for (?P<user>\S+) from {_IP}", {"log_type": "auth_success"}),
    ("syslog", rf"sshd\S*: Unable to negotiate with {_IP} port \d+: no match", {"log_type": "ssh_bad_keyexchange"}),
    ("syslog", rf"sshd\S*: refused connect from \S+ \({_IP}\)", {"log_type": "ssh_refused_conn"}),
    (
        "syslog",
        rf"kernel: .*?(?<!AUDIT\] )IN=.* SRC={_IP} .*PROTO=(?P<proto>\w+) .*DPT=(?P<dst_port>\d+)",
        {"log_type": "iptables_drop"},
    ),
    ("syslog", rf"wireguard: \S+ Invalid handshake initiation from {_IP}:\d+$", {"log_type": "wireguard_failed_auth"}),
    (
        "syslog",
        r"kernel: .*\] (?P<exe>\w+)\[\d+\]: segfault .* in (?P<library>[^\[\s]+)\[",
        {"log_type": "kernel", "sub_log_type": "segfault"},
    ),
    (
        "syslog",
        r"pkexec\S*: (?P<target_user>\w+): The value for the SHELL variable was not found",
        {"log_type": "CVE-2021-4034-xpl"},
    ),
    (
        "syslog",
        rf"dovecot.*(?:auth failed.* rip={_IP},|pam\([^,]+,(?P<pam>[^,)]+)[,)].*(?:unknown user|failure))",
        {"log_type": "dovecot_logs", "dovecot_login_result": "auth_failed"},
    ),
    (
        "syslog",
        rf"postfix/smtpd.*reject: RCPT from \S+\[{_IP}\]: \d+ \S+(?: <[^>]*>:)? (?P<reason>[^;]+)",
        {"log_type": "postfix", "action": "reject"},
    ),
    ("syslog", rf"postfix/smtpd.*\[{_IP}\]: SASL LOGIN authentication failed", {"log_type_enh": "spam-attempt"}),
    (
        "syslog",
        rf"amavis.* (?P<amavis_action>Blocked) (?P<amavis_category>\w+) .*?\}}, \[{_IP}\]",
        {"log_type": "amavis"},
    ),
    ("syslog", rf"MailScanner.* from {_IP} .* is spam.*score=(?P<spam_score>[\d.]+)", {"log_type": "mailscanner_spam"}),
    (
        "syslog",
        rf"(?:LLNG|lemonldap).* (?:Bad password for )?(?P<user>\w+)(?: was not found in LDAP directory)? \({_IP}\)",
        {"service": "llng", "log_type": "llng_auth_fail"},
    ),
    (
        "meshcentral",
        rf"https\S+ Failed password for (?P<user>\S+) from {_IP} port",
        {"log_type": "meshcentral_failed_auth"},
    ),
    (
        "syslog",
        rf'opensearch-dashboards.*"statusCode":401,.*"remoteAddress":"{_IP}"',
        {"log_type": "opensearch_failed_auth"},
    ),
    ("syslog", rf"Web GUI authentication error for '\S+' from {_IP}", {"log_type": "opnsense-gui-failed-auth"}),
    (
        "syslog",
        rf"webConfigurator authentication error for user '\S+' from: {_IP}",
        {"log_type": "pfsense-gui-failed-auth"},
    ),
    ("syslog", rf"pure-ftpd: \(\?@{_IP}\) \[WARNING\] Authentication failed", {"log_type": "pftpd_failed-auth"}),
    ("syslog", rf"Radarr.* Auth-Failure ip {_IP} ", {"log_type": "radarr_failed_authentication"}),
    (
        "syslog",
        rf"smb\S+ Auth: .* status \[NT_STATUS_NO_SUCH_USER\] .*remote host \[ipv4:{_IP}:\d+\] mapped",
        {"log_type": "smb_failed_auth"},
    ),
    (
        "syslog",
        rf"wwsympa.* \[client {_IP}\].* (?P<sympa_warn>Unknown action) (?P<sympa_message>\S+)",
        {"service": "wwsympa"},
    ),
    (
        "apache-guacamole",
        rf"Authentication attempt from \[{_IP}.* failed",
        {"log_type": "apache-guacamole_failed_auth"},
    ),
    ("cas", rf"AUTHENTICATION_FAILED\|(?P<target_user>[^|]+)\|{_IP}\|", {"log_type": "cas_failed-auth"}),
    (
        "asterisk",
        rf'InvalidAccountID.*AccountID="(?P<target_user>[^"]+)".*RemoteAddress="IPV4/\w+/{_IP}/',
        {"log_type": "asterisk_failed_auth"},
    ),
    ("auditd", r'type=SYSCALL .* ppid=(?P<ppid>\d+) .* exe="(?P<exe>[^"]+)"', {"log_type": "execve"}),
    ("laurel", r'"ppid":(?P<ppid>\d+),.*?"exe":"(?P<exe>[^"]+)"', {"log_type": "execve"}),
    (
        "authentik",
        rf'"client_ip": "{_IP}".*?"(?:identifier|username)": "(?P<username>[^"]+)"',
        {"log_type": "authentik_failed_auth"},
    ),
    (
        "aws-cloudtrail",
        rf'"eventName":"(?P<event_name>\w+)".*"sourceIPAddress":"{_IP}".*"ConsoleLogin":"(?P<result>\w+)"',
        {"log_type": "aws-cloudtrail"},
    ),
    ("bitwarden", rf"\[WRN\] Failed login attempt.*\. {_IP}$", {"log_type": "bitwarden_failed_auth"}),
    (
        "calibre-web",
        rf'Login failed for user "(?P<user>[^"]+)" IP-address: {_IP}',
        {"log_type": "calibre-web_failed_auth"},
    ),
    ("couchdb", rf" {_IP} \S+ GET / 401 ", {"log_type": "bf-enum-couchdb"}),
    ("couchdb", rf" {_IP} \S+ GET (?P<path_db>\S+) 404 ", {"log_type": "crawl-couchdb"}),
    ("cpanel", rf"\] {_IP} - .* FAILED LOGIN ", {"log_type": "auth_bf_log"}),
    ("dockge", rf"Incorrect username or password .*IP={_IP}", {"log_type": "dockge_failed_auth"}),
    ("endlessh", rf"ACCEPT host={_IP} ", {"log_type": "endlessh_accept"}),
    (
        "exchange-imap",
        rf",{_IP}:\d+,\w+,\d+,\d+,\d+,authenticate,.*LogonDenied",
        {"service": "exchange", "sub_type": "auth_fail"},
    ),
    ("exchange-smtp", rf",{_IP}:\d+,>,535 5.7.3 ", {"service": "exchange", "sub_type": "auth_fail"}),
    ("exim", rf" \[{_IP}\]:\d+ .*(?:rejected|verify fail)", {"service": "exim", "log_type": "spam-attempt"}),
    ("fireflyiii", rf'trying to login using "(?P<username>[^"]+)" \({_IP} ', {"log_type": "fireflyiii_bad_user"}),
    (
        "fireflyiii",
        rf'Attempt for user "(?P<username>[^"]+)" failed. \({_IP} ',
        {"log_type": "fireflyiii_bad_password"},
    ),
    ("fireflyiii", rf"MFA failure count is set to \d+. \({_IP} ", {"log_type": "fireflyiii_bad_mfa"}),
    (
        "fortinet",
        rf'subtype="(?P<sub_type>\w+)" .*action="(?P<action>\S+)" tunneltype="(?P<tunnel_type>\S+)" .*remip={_IP} ',
        {"service": "fortinet"},
    ),
    ("freeswitch", rf"SIP auth failure .* from ip {_IP}", {"service": "freeswitch", "sub_type": "auth_failure"}),
    (
        "gitea",
        rf"Failed authentication attempt for (?P<user>\S+) from \[?{_IP}\]?:\d+: ",
        {"log_type": "gitea_failed_auth"},
    ),
    (
        "grafana",
        rf'(?:Invalid username or password|msg=Unauthorized).*remote_addr(?:=|":"){_IP}',
        {"service": "grafana", "log_type": "auth_failed"},
    ),
    ("harbor", rf'client IP="{_IP}.* failed to authenticate user:(?P<user>[^,]+),', {"log_type": "harbor_failed_auth"}),
    ("home-assistant", rf"invalid authentication from \S+ \({_IP}\)", {"log_type": "home-assistant_failed_auth"}),
    ("jellyfin", rf'has been denied \(IP: "{_IP}"\)', {"log_type": "jellyfin_failed_auth"}),
    ("jellyseerr", rf'Failed (?:sign-in|login) attempt.*"ip":"{_IP}"', {"log_type": "jellyseerr_failed_auth"}),
    ("overseerr", rf'Failed sign-in attempt.*"ip":"{_IP}"', {"log_type": "overseerr_failed_auth"}),
    ("joplin-server", rf"403: POST /api/sessions: {_IP}: Invalid username", {"log_type": "joplin_server_failed_auth"}),
    ("keycloak", rf"ipAddress={_IP}, error=(?P<error>\w+),.*username=(?P<username>[^,]+)", {"service": "keycloak"}),
    ("mailcow-f2b", rf"CRIT: (?:Banning|Added host/network) {_IP}", {"log_type": "mailcow_f2b_ban"}),
    ("mariadb", rf"Access denied for user '\S+'@'{_IP}'", {"log_type": "mariadb_failed_auth"}),
    (
        "mikrotik",
        rf"drop-\w+ input: .*proto (?P<proto>\w+) .* {_IP}:\d+->\S+:(?P<dst_port>\d+),",
        {"log_type": "mikrotik_drop", "service": "tcp_udp"},
    ),
    (
        "modsecurity",
        rf'\[client {_IP}\] ModSecurity: .*\[severity "(?P<ruleseverity>\w+)"\]',
        {"log_type": "modsecurity"},
    ),
    (
        "mongodb",
        rf'Authentication failed.*Database":"(?P<authentication_database>\w+)","remote":"\[?{_IP}\]?:\d+"',
        {"log_type": "mongodb_failed_auth"},
    ),
    ("ntfy", rf'"Connection closed with HTTP 40[13].*"visitor_ip":"{_IP}"', {"log_type": "ntfy_failed_auth"}),
    ("ombi", rf"Failed login attempt by IP: {_IP}", {"log_type": "ombi_auth_failed"}),
    (
        "Paperless-ngx",
        rf"Login failed for user `(?P<username>[^`]+)` from (?:private )?IP `{_IP}\.?`",
        {"log_type": "paperless_ngx_failed_auth"},
    ),
    ("proftpd", rf"USER (?P<target_user>\S+): no such user found from {_IP} ", {"log_type": "ftp_failed_auth"}),
    (
        "proxmox-backup-auth",
        r"authentication failure; rhost=\[(?P<source_ip>[0-9a-f:.]+)\]",
        {"log_type": "pbs_failed-auth"},
    ),
    (
        "pterodactyl",
        rf"failed to validate user credentials .* ip={_IP}:\d+ ",
        {"log_type": "pterodactly_wings_invalid_username_or_password"},
    ),
    (
        "sabnzbd",
        rf"(?:login attempt from|login poging van) (?:\S+ \(X-Forwarded-For: )?{_IP}",
        {"service": "sabnzbd", "log_type": "sabnzbd_failed_auth"},
    ),
    ("sftpgo", rf'"connection_failed","client_ip":"{_IP}"', {"log_type": "sftpgo_auth", "is_failed_login": "true"}),
    (
        "stirling-pdf",
        rf"Failed login attempt from IP: \[?{_IP}",
        {"service": "stirling-pdf", "log_type": "failed_authentication"},
    ),
    ("technitium", rf"\[{_IP}:\d+\] .*Invalid username or password", {"log_type": "technitium_failed_auth"}),
    (
        "Vaultwarden",
        rf"\[ERROR\] (?:Username or password is incorrect|Invalid|Token is invalid).*IP: {_IP}",
        {"log_type": "vaultwarden_failed_auth"},
    ),
    (
        "webmin",
        rf'\] (?P<username>\S+) - {_IP} .*"failed" .*"wrongpass"',
        {"log_type": "webmin_failed_auth_wrong_pass"},
    ),
    ("zoneminder", rf"\[{_IP}\] \[Could not retrieve user (?P<username>\S+) details", {"log_subtype": "zm_bad_user"}),
    ("zoneminder", rf'\[{_IP}\] \[Login denied for user "(?P<username>\S+)"', {"log_subtype": "zm_bad_password"}),
    ("zoraxy", rf"\[client: {_IP}\] \[useragent: (?P<http_user_agent>[^]]+)\]", {"log_type": "http_access-log"}),
    (
        "containerd",
        rf'"user-agent":"(?P<http_user_agent>[^"]+)","downstream_remote_address":"{_IP}:\d+"',
        {"log_type": "http_access-log"},
    ),
]
_READ = [(family, re.compile(shape), known) for family, shape, known in _LINES]
_PROGRAMS = [
    ("base64", "/usr/bin/base64"),
    ("shell", r"/(?:usr/(?:local/)?)?bin/(?:sh|bash|perl|dash|zsh)|/usr/bin/python.*"),
]
_WEB = {"nginx", "apache2", "litespeed", "bunkerweb", "nginx-proxy-manager", "upsun-httplog"}


def at(line: str) -> int | None:
    """When a line says that it happened, in microseconds."""
    for shape, written in _TIMES:
        if found := re.search(shape, line):
            said = " ".join(found.groups() or [found[0]])
            if written == "epoch":
                return round(float(said) * 1_000_000)
            if not written:
                said = (
                    re.sub(r"(?<=\d)[T ]+(\d):", r" 0\1:", said).replace(",", ".").replace(" +", "+").replace(" -", "-")
                )
                moment = datetime.fromisoformat(said)
            elif "%y" in written.lower():
                moment = datetime.strptime(said, written)
            else:
                moment = datetime.strptime(f"{_YEAR} {said}", f"%Y {written}")
            return from_datetime(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return None


def _web(line: str) -> dict[str, Any] | None:
    """A line of a web server: the request, and what it is made of."""
    found = _ACCESS.search(line)
    if not found:
        return None
    body: dict[str, Any] = {"service": "http", "log_type": "http_access-log"} | found.groupdict()
    said = body.pop("said")
    asked = _REQUEST.fullmatch(said)
    path = asked["request"] if asked else said
    plain, _, args = path.partition("?")
    folder, _, name = plain.rpartition("/")
    frag, dot, ext = name.rpartition(".")
    return body | {
        "verb": asked["verb"] if asked else "", "http_verb": asked["verb"] if asked else "",
        "request": path, "http_path": path, "http_args": args, "http_args_len": len(args),
        "file_dir": f"{folder}/", "file_name": name,
        "file_frag": frag if dot else name, "file_ext": dot + ext if dot else "",
        "static_ressource": "true" if (dot + ext).lower() in _STATIC and dot else "false",
    }  # fmt: skip


def body(family: str, line: str) -> dict[str, Any] | None:
    """The fields of a line, by CrowdSec's names; nothing where no parser knows it, or its address is none."""
    found = _body(family, line)
    if found and "source_ip" in found:
        with suppress(ValueError):
            ip_address(found["source_ip"])
            return found
        return None
    return found


def _body(family: str, line: str) -> dict[str, Any] | None:
    if family in _WEB:
        return _web(line.replace('\\"', '"'))
    for each, shape, known in _READ:
        if each == family and (found := shape.search(line)):
            told = {key: value for key, value in found.groupdict().items() if value is not None}
            if "pam" in told:
                told["source_ip"] = told.pop("pam")
            if "exe" in told:
                told["program"] = next((kind for kind, path in _PROGRAMS if re.fullmatch(path, told["exe"])), None)
            if "proto" in told:
                told = {"service": told.pop("proto").lower()} | told
            return told | known
    return None


def events(family: str, lines: list[str]) -> list[Event]:
    """The lines that are understood as events, in the order of time, and a last one that moves the clock on."""
    told = [(moment, said) for line in lines if (said := body(family, line)) and (moment := at(line)) is not None]
    return stream(sorted(told, key=lambda each: each[0]))


def stream(told: list[tuple[int, dict[str, Any]]]) -> list[Event]:
    """Moments and bodies as events, and a last one that moves the clock on."""
    last = [(told[-1][0] + MINUTE, {})] if told else []
    return [
        Event(
            time=moment, seen=moment, epoch="e", offset=offset, part=0,
            company="acme", system="web", environment="prod", source="crowd", kind="log.line" if said else "log.end",
            body=said,
        )
        for offset, (moment, said) in enumerate(told + last)
    ]  # fmt: skip
