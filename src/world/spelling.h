// One spelling for what logs spell in many ways.
#pragma once

#include <string>
#include <string_view>

namespace spoor {

// The program in the command line of a service, in lower case.
std::string ProgramOf(std::string_view command);

// An IPv4 or IPv6 address, by its letters.
bool IsAddress(std::string_view text);
// A machine's name in lower case without its domain ("WS1.acme.example" -> "ws1"), or its address without what maps
// IPv4 into IPv6 ("::ffff:10.0.0.1" -> "10.0.0.1"); "": none, or the machine itself (127.0.0.1, localhost).
std::string MachineName(std::string_view text);
// The domain in a machine's full name, in lower case ("cifs/WS1.acme.example" -> "acme.example"); "": it tells none.
std::string MachineDomain(std::string_view text);
// "acme\jane" for jane of ACME or of acme.example, "jane@acme.example" for what is written so; "": none. A domain that
// is the host's own name stays: it tells a local account.
std::string AccountName(std::string_view name, std::string_view domain, std::string_view host);
// Whom a command line makes an account for: net user NAME … /add, New-LocalUser, New-ADUser. "": nobody.
struct MadeAccount {
  std::string name;
  bool of_domain = false;  // else of the machine
};
MadeAccount AccountMadeBy(std::string_view command);
// Accounts that every machine has (SYSTEM, DWM-1, WS1$): they tell nobody apart.
bool IsOfMachine(std::string_view account);
// Addresses that are nobody's alone: private (RFC 1918, RFC 4193), shared by a provider's customers (RFC 6598), of one
// link, for many; those for documentation not.
bool IsPrivate(std::string_view address);
// A program that comes with Windows, or that was set up for all users: by its path.
bool IsInstalled(std::string_view image);
// A script without what differs from machine to machine: in lower case, each word with a backslash or an address "*",
// one space between words; of a long one the beginning and a hash of all. "": too short to be told from others.
std::string ScriptShape(std::string_view script);
// The file's name behind the last slash of a path.
std::string_view BaseName(std::string_view path);
// A log's file name in lower case without what keeping and packing add ("/logs/Router.log-20250826.gz" -> "router"), so
// that the parts of one log have one name.
std::string LogName(std::string_view path);

}  // namespace spoor
