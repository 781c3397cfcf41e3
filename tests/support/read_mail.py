#!/usr/bin/env python3
"""read_mail FOLDER: what messages say, as Python's own mail library reads them, to compare with spoor.

Prints, for each message of each file (EML, or mbox where it begins with "From "), lines "path<TAB>number<TAB>field<TAB>
value": From, Subject, Time (microseconds since 1970), To and Cc (addresses, sorted, in lower case, spaces between them),
Url (one line for each link of HTML, and for each address in plain text).
"""
import email, email.header, email.policy, email.utils, html.parser, mailbox, os, re, sys


def decoded(value):
    """A header's text (RFC 2047) on one line."""
    out = ''
    try:
        for part, charset in email.header.decode_header(value):
            if isinstance(part, bytes):
                try:
                    part = part.decode(charset or 'utf-8')
                except (UnicodeDecodeError, LookupError):
                    part = part.decode('cp1252', 'replace')
            out += part
    except (email.errors.HeaderParseError, ValueError):
        return None
    return ' '.join(out.split())


def raw(message, name):
    """Values of a header as they stand, bytes that are no ASCII as UTF-8 or Windows-1252."""
    for key, value in message._headers:
        if key.lower() == name.lower():
            data = str(value).encode('utf-8', 'surrogateescape')
            try:
                yield data.decode('utf-8')
            except UnicodeDecodeError:
                yield data.decode('cp1252', 'replace')


def addresses(message, name):
    return sorted({a.lower() for _, a in email.utils.getaddresses(list(raw(message, name))) if a})


class Links(html.parser.HTMLParser):
    def __init__(self):
        super().__init__()
        self.urls = []

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if value and (name in ('src', 'background') or (name == 'href' and tag != 'base')):
                value = re.sub(r'[\t\r\n]', '', value).strip(' ')
                if re.match(r'(?i)(https?|ftp)://[^/?#\\]', value) and len(value.encode()) <= 4096:
                    self.urls.append(value)


def text_of(part):
    data = part.get_payload(decode=True) or b''
    try:
        return data.decode(part.get_content_charset() or 'utf-8')
    except (UnicodeDecodeError, LookupError):
        return data.decode('cp1252', 'replace')


def urls(message):
    for part in message.walk():
        if part.get_content_type() == 'text/html':
            links = Links()
            try:
                links.feed(text_of(part))
            except (AssertionError, ValueError):
                continue
            yield from links.urls
        elif part.get_content_maintype() == 'text':
            for url in re.findall(r'https?://[A-Za-z0-9./_~?=&%+-]*[A-Za-z0-9/_=-](?=[\s<>"]|$)', text_of(part)):
                yield url


def describe(path, number, message):
    def say(field, value):
        if value:
            print(path, number, field, value, sep='\t')

    senders = [a for _, a in email.utils.getaddresses(list(raw(message, 'From'))) if '@' in a]
    say('From', senders[0] if senders else '')
    say('Subject', decoded(next(raw(message, 'Subject'), '')))
    try:
        say('Time', int(email.utils.parsedate_to_datetime(message.get('Date', '')).timestamp()) * 1000000)
    except (TypeError, ValueError, IndexError, OverflowError):
        pass
    say('To', ' '.join(addresses(message, 'To')))
    say('Cc', ' '.join(addresses(message, 'Cc')))
    for url in urls(message):
        say('Url', url)


sys.stdout.reconfigure(errors='replace')
for folder, _, files in sorted(os.walk(sys.argv[1])):
    for name in sorted(files):
        path = os.path.join(folder, name)
        with open(path, 'rb') as file:
            data = file.read()
        if data.startswith(b'From '):
            for number, message in enumerate(mailbox.mbox(path, create=False), 1):
                describe(path, number, message)
        else:
            describe(path, 1, email.message_from_bytes(data))
