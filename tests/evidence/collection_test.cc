#include "evidence/collection.h"

#include <gtest/gtest.h>

namespace spoor {
namespace {

struct Row {
  const char* path;
  const char* host;
};

TEST(HostFromPath, KnowsTheNamingOfTriageTools) {
  for (const auto& [path, host] : {
           Row{"case/WS1_20240102T030405/C/Windows/System32/winevt/Logs/Security.evtx", "WS1"},
           Row{"case/20240102T030405-SRV-01/D/logs/a.log", "SRV-01"},
           Row{"WS1_20240102T030405.zip!/C/Windows/System32/winevt/Logs/Security.evtx", "WS1"},
           Row{"Collection-WS1-2024-01-02T03_04_05Z.zip!/uploads/auto/C%3A/Windows/System32/winevt/Logs/a.evtx", "WS1"},
           Row{"in/Collection-WS1.acme.example-2024-01-02T03_04_05Z/results/x.json", "WS1.acme.example"},
           Row{"Collection-srv-01-2024-01-02T03_04_05_02_00.zip!/uploads/file/var/log/auth.log", "srv-01"},
           Row{"uac-web01-linux-20240102030405.tar.gz!/[root]/var/log/auth.log", "web01"},
           Row{"uac-db-02.acme.example-freebsd-20240102030405/[root]/var/log/messages", "db-02.acme.example"},
           Row{"all.zip!/uac-web01-esxi-20240102030405.tar.gz!/[root]/var/log/shell.log", "web01"},
           Row{"uac-outer-linux-20240102030405/Collection-inner-2024-01-02T03_04_05Z/x", "inner"},
       }) {
    EXPECT_EQ(HostFromPath(path), host) << path;
  }
}

TEST(HostFromPath, SaysNothingOfWhatItDoesNotKnow) {
  for (const char* path : {
           "",
           "/",
           "Security.evtx",
           "WS1/C/Windows/System32/winevt/Logs/Security.evtx",
           "WS1.zip!/C/Windows/a.evtx",
           "WS1_20240102T030405/Windows/a.evtx",  // no drive below
           "WS1_20240102/C/a.evtx",               // no time of KAPE's
           "_20240102T030405/C/a.evtx",           // no name
           "../../x y_20240102T030405/C/a.evtx",  // no host is called so
           "Collection-WS1.zip!/a",
           "Collection--2024-01-02T03_04_05Z.zip!/a",
           "collection of 2024-01-02T03_04_05/a",
           "Collection-WS1-2024-01-02T03_04_05Z-copy of mine.zip!/a",
           "uac-web01-linux.tar.gz!/a",
           "uac-web01-plan9-20240102030405.tar.gz!/a",
           "uac-linux-20240102030405/a",
           "uac--linux-20240102030405/a",
       }) {
    EXPECT_EQ(HostFromPath(path), "") << path;
  }
}

}  // namespace
}  // namespace spoor
