// The header of a Cisco system message: %FACILITY-SEVERITY-MNEMONIC: text. Thread-safe.
//
// Cisco, "Cisco IOS System Message Guide", "System message format"; ASA and Firepower have a number for the mnemonic.
#pragma once

#include <string_view>

namespace spoor::cisco {

struct Header {
  std::string_view facility, severity, mnemonic, text;
  size_t at = 0;  // of the '%' in the line
};

// The first header in a line; a facility may have parts (%DOT1X-SW1-5-FAIL). False: there is none.
bool FindHeader(std::string_view line, Header* h);

// Sigma's services of product cisco.
enum Service { kAaa, kBgp, kLdp, kOther, kServices };
inline constexpr const char* kServiceNames[kServices] = {"aaa", "bgp", "ldp", ""};
Service ServiceOf(const Header& h);

// True for messages of ASA, Firepower and their forerunners, which are read with syslog.
bool IsFirewall(const Header& h);

}  // namespace spoor::cisco
