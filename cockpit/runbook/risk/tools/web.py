"""Requests: what they do is what their method may do."""

from __future__ import annotations

import re

from cockpit.runbook.risk.call import Call, Rules
from cockpit.runbook.risk.judgement import Judgement, changes, destroys, reads, worst
from cockpit.runbook.risk.options import Options, names, read, syntax
from cockpit.runbook.risk.words import Word, is_null

_CURL_VALUED = (
    "-A -b -c -C -d -D -e -E -F -H -K -m -o -P -Q -r -t -T -u -U -w -x -X -y -Y -z --user-agent --cookie --cookie-jar "
    "--continue-at --data --data-raw --data-binary --data-ascii --data-urlencode --dump-header --referer --cert "
    "--form --form-string --header --config --max-time --output --quote --range --upload-file --user --proxy-user "
    "--write-out --proxy --request --json --url --url-query --connect-timeout --cacert --capath --key --resolve "
    "--connect-to --retry --retry-delay --retry-max-time --limit-rate --max-redirs --interface --unix-socket "
    "--oauth2-bearer --ciphers --stderr --trace --trace-ascii --tls-max --max-filesize "
    "--noproxy --aws-sigv4 --speed-limit"
)
_CURL_SWITCHES = (
    "-s -S -f -k -L -i -I -v -g -4 -6 -G -n -N -O -J -R -# -q -a -l -j -M -B -p -0 -1 -2 -3 -Z --silent --show-error "
    "--fail --insecure --location --include --head --verbose --globoff --ipv4 --ipv6 --get --netrc --no-buffer "
    "--remote-name --remote-header-name --progress-bar --compressed --http1.1 --http2 --http3 --http1.0 --tlsv1.2 "
    "--tlsv1.3 --fail-with-body --retry-connrefused --retry-all-errors --ssl-reqd --no-keepalive --path-as-is --raw "
    "--no-progress-meter --location-trusted --basic --digest --negotiate --anyauth --next --remote-name-all"
)
_CURL = syntax(_CURL_VALUED, _CURL_SWITCHES)
_CURL_KNOWN = _CURL.valued | _CURL.switches
_BODIES = names("-d --data --data-raw --data-binary --data-ascii --data-urlencode -F --form --form-string --json")
_FILES = ("-o", "--output", "-c", "--cookie-jar", "-D", "--dump-header", "--stderr", "--trace", "--trace-ascii")
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*)://", re.I)

_WGET = syntax(
    "-O -o -a -t -T -w -Q -U -e -i -B -l -A -R -D -I -X --output-document --output-file --tries --timeout --user-agent "
    "--header --method --body-data --post-data --user --password --max-redirect --ca-certificate",
    "-q -S -n -v -d -c -4 -6 --quiet --spider --server-response --no-check-certificate --no-verbose --content-on-error",
)
_HTTPIE = syntax(
    "-a --auth -A --auth-type --timeout --verify -p --print --pretty --style -s --max-redirects --format-options",
    "-v -h -b -j -F -m --verbose --headers --body --json --check-status --ignore-stdin "
    "--follow --meta --all -q --quiet",
)
_ITEM = re.compile(r"[^=:@\s]*(:=|=(?!=)|@)")


def judge_method(method: str) -> Judgement:
    """What an HTTP method may do (RFC 9110, 9.2.1); DELETE is destructive."""
    name = method.upper()
    if name in ("GET", "HEAD", "OPTIONS"):
        return reads(f"{name} only reads")
    return destroys("DELETE deletes") if name == "DELETE" else changes(f"{name[:12]} changes something")


def judge_curl(call: Call) -> Judgement:
    """`curl`: its method, and the files it writes."""
    options = call.options(_CURL)
    if unsure := call.unsure(options):
        return unsure
    if strange := next((name for name, _ in options.given if name not in _CURL_KNOWN), ""):
        return call.unknown(strange)
    for name in ("-K", "--config", "-Q", "--quote", "--next"):
        if options.has(name):
            return call.unknown(name)
    return worst([_curl_method(call, options), *_curl_files(call, options), *_curl_schemes(call, options)])


def _curl_method(call: Call, options: Options) -> Judgement:
    methods = options.values("-X", "--request")
    if any(not each.fixed for each in methods):
        return call.unknown("-X " + methods[-1].text)
    if methods:
        return worst(judge_method(each.text) for each in methods)
    if options.has("-T", "--upload-file"):
        return judge_method("PUT")
    if any(options.has(each) for each in _BODIES) and not options.has("-G", "--get"):
        return judge_method("POST")
    return judge_method("HEAD" if options.has("-I", "--head") else "GET")


def _curl_files(call: Call, options: Options) -> list[Judgement]:
    found = [call.changes("-O", "writes a file")] if options.has("-O", "--remote-name", "--remote-name-all") else []
    for value in options.values(*_FILES):
        if not (is_null(value) or value.text == "-"):
            found.append(call.changes(f"-o {value.text}", "writes a file"))
    if any("%output{" in each.text for each in options.values("-w", "--write-out")):
        found.append(call.changes("-w", "writes a file"))
    return found


def _curl_schemes(call: Call, options: Options) -> list[Judgement]:
    """Other protocols than HTTP say other things to a server: `gopher:` whatever stands in the address."""
    schemes = [_SCHEME.match(each.text) for each in (*options.operands, *options.values("--url"))]
    strange = [each[1] for each in schemes if each and each[1].lower() not in ("http", "https", "file")]
    return [call.unknown(strange[0] + "://")] if strange else []


def judge_wget(call: Call) -> Judgement:
    """`wget` writes a file unless it is told where else."""
    options = call.options(_WGET)
    if unsure := call.unsure(options):
        return unsure
    if strange := next((name for name, _ in options.given if name not in _WGET.valued | _WGET.switches), ""):
        return call.unknown(strange)
    if options.has("-e", "-i", "-o", "-a", "--output-file"):
        return call.changes(why="writes files or does what a file says")
    methods = options.values("--method") or ([Word("POST")] if options.has("--body-data", "--post-data") else [])
    if any(not each.fixed for each in methods):
        return call.unknown("--method")
    outputs = options.values("-O", "--output-document")
    silent = options.has("--spider") or (outputs and all(is_null(each) or each.text == "-" for each in outputs))
    written = [] if silent else [call.changes(why="writes a file")]
    return worst([*(judge_method(each.text) for each in methods), *written, reads("GET only reads")])


def judge_httpie(call: Call) -> Judgement:
    """`http [METHOD] URL [ITEM…]`: an item, or something to read, makes it a POST."""
    options = call.options(_HTTPIE)
    if unsure := call.unsure(options):
        return unsure
    if strange := next((name for name, _ in options.given if name not in _HTTPIE.valued | _HTTPIE.switches), ""):
        return call.unknown(strange)
    operands = options.operands
    if operands and operands[0].text.isalpha() and operands[0].text.isupper():
        return judge_method(operands[0].text)
    posts = any(_ITEM.match(each.text) or not each.fixed for each in operands[1:])
    posts = posts or (call.stdin is not None and not options.has("--ignore-stdin"))
    return judge_method("POST" if posts else "GET")


_OPENSSL_READS = {
    "s_client": names(
        "-connect -servername -showcerts -tls1_2 -tls1_3 -brief -quiet -CAfile -CApath -verify -verify_return_error "
        "-starttls -status -alpn -host -port -cert -key -verify_hostname -proxy -no_ign_eof -crlf -prexit"
    ),
    "x509": names(
        "-noout -in -text -dates -enddate -startdate -subject -issuer -fingerprint -checkend -serial -ext -inform "
        "-pubkey -sha256 -sha1 -nameopt -checkhost -checkip -purpose -email -modulus"
    ),
    "version": names("-a -v -d"),
    "ciphers": names("-v -V -s -tls1_3"),
    "verify": names("-CAfile -CApath -untrusted -verbose -show_chain"),
    "crl": names("-in -noout -text -inform -nextupdate -lastupdate"),
}


def judge_openssl(call: Call) -> Judgement:
    """`openssl s_client` is a connection; what is sent decides. Certificates are read."""
    options = read(call.args[1:], syntax(letters=False))
    verb = call.args[0].text if call.args and call.args[0].fixed else ""
    known = _OPENSSL_READS.get(verb)
    if known is None or options.loose or any(name not in known for name, _ in options.given):
        return call.unknown(verb)
    if verb != "s_client":
        return call.reads(verb)
    if call.stdin is None:
        return call.asks(verb)
    sent = call.stdin.text.strip()
    harmless = call.stdin.fixed and (not sent or sent in ("Q", "QUIT") or sent.startswith(("GET ", "HEAD ")))
    return call.reads(verb) if harmless else call.unknown(verb, "sends is not known to only read")


RULES: Rules = {
    "curl": judge_curl,
    "wget": judge_wget,
    "http": judge_httpie,
    "https": judge_httpie,
    "openssl": judge_openssl,
}
