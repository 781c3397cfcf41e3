// What accounts of clouds and machines show by themselves: who signs in from where, and what is done from there.
//
// An account's *presence* is the account as it comes from one address. It is the account's own where it comes from
// there again and again, or with a machine that the organisation knows; an address that is several accounts' own is the
// organisation's. (A rare habit that began when the address was somebody's already, by what follows, is none.) What is
// left is new to the account, which says little: people travel and move. It says more with each of these:
//
//   2 or 3   from there, passwords were tried on many accounts
//   1.5      it is new to accounts of two organisations; 3 of three, or to four accounts
//   3        from there somebody entered a router or used a web shell; or it is the address of such a router
//   2        from there, somebody gave a right to a mailbox, consented to an application or had mail sent on, or far
//            more objects of a store were fetched than the account does elsewhere
//   1        by a program that the account's own presences never have
//
// Who signs in to a gateway, which gives an address inside (VPN), is on none of its machines: that is a step of no
// machine.
//
// From 3 on (newness counts 1) somebody else is taken to be in the account; then what else the account does from new
// addresses with the same programs is theirs, too.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "campaign/shown.h"

namespace spoor {

struct AccountsShown {
  std::vector<Shown> shown;
  std::set<std::pair<ThingId, ThingId>> theirs;  // account and address: presences of somebody else
  std::set<std::pair<ThingId, ThingId>> usual;   // the account's own, of several days
  std::map<std::string, size_t> own;             // by address: accounts whose own presence is there
};

// `marked`: by what routers and web servers show.
AccountsShown ShownByAccounts(const World& world, const MarkedAddresses& marked);

}  // namespace spoor
