// Records of the Linux audit system, joined to events.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/time.h"
#include "formats/auditd/chains.h"
#include "formats/auditd/format.h"
#include "formats/auditd/record.h"
#include "formats/syslog/format.h"

namespace spoor::auditd {
namespace {

// Events as "field=value|value;…", aliases left out, with source and time in front.
struct Collect : Sink {
  std::vector<std::string> events, damage;
  std::vector<std::vector<std::string>> aliases;
  void OnEvent(const Event& event) override {
    const SourceTag& tag = event.shape->source;
    std::string text = std::to_string(event.record) + " " + tag.service + "/" + tag.category + " ";
    aliases.emplace_back();
    for (const Field& field : event.shape->fields) {
      std::string value;
      if (!HasField(event, field)) continue;
      bool first = true;
      ForEachElement(event.Part(field.parts[0]), [&](const Value& element) {
        if (!std::exchange(first, false)) value += '|';
        AppendText(element, &value);
      });
      if (field.alias) {
        aliases.back().push_back(field.name + "=" + value);
      } else {
        text += field.name + "=" + value + ";";
      }
    }
    events.push_back(std::move(text));
  }
  void OnDamage(const Damage& d) override { damage.push_back(std::to_string(d.offset) + " " + std::string(d.kind)); }
  void ShapesDropped() override {}
};

Collect Read(const Format& format, std::string_view text) {
  Collect sink;
  ReadWhole(format, {}, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
  return sink;
}

std::string One(std::string_view text) {
  const Collect sink = Read(kFormat, text);
  return sink.events.size() == 1 ? sink.events[0] : std::to_string(sink.events.size()) + " events";
}

TEST(Auditd, RecordsOfAnEventAreOneEvent) {
  const Collect sink = Read(
      kFormat,
      "type=SYSCALL msg=audit(1700000000.123:4711): arch=c000003e syscall=59 success=yes exit=0 a0=55d1 a1=55d2 pid=12 "
      "ppid=1 auid=1000 uid=0 comm=\"cat\" exe=\"/usr/bin/cat\" key=\"exec\"\x1d"
      "ARCH=x86_64 SYSCALL=execve AUID=\"jane\" UID=\"root\"\n"
      "type=EXECVE msg=audit(1700000000.123:4711): argc=3 a0=\"cat\" a1=\"-n\" a2=2F746D702F612062\n"
      "type=CWD msg=audit(1700000000.123:4711): cwd=\"/root\"\n"
      "type=PATH msg=audit(1700000000.123:4711): item=0 name=\"/usr/bin/cat\" nametype=NORMAL\n"
      "type=PATH msg=audit(1700000000.123:4711): item=1 name=\"/lib64/ld.so\" nametype=NORMAL\n"
      "type=PROCTITLE msg=audit(1700000000.123:4711): proctitle=636174002D6E002F746D702F612062\n");
  ASSERT_EQ(sink.events.size(), 1u);
  EXPECT_EQ(
      sink.events[0],
      "1 auditd/process_creation "
      "serial=4711;type=SYSCALL|EXECVE|CWD|PATH|PATH|PROCTITLE;arch=c000003e;syscall=59;success=yes;"
      "exit=0;syscall_a0=55d1;syscall_a1=55d2;pid=12;ppid=1;auid=1000;uid=0;comm=cat;exe=/usr/bin/cat;key=exec;"
      "ARCH=x86_64;SYSCALL=execve;AUID=jane;UID=root;argc=3;a0=cat;a1=-n;a2=/tmp/a b;cwd=/root;item=0|1;"
      "name=/usr/bin/cat|/lib64/ld.so;nametype=NORMAL|NORMAL;proctitle=cat -n /tmp/a b;CommandLine=cat -n /tmp/a b;");
  EXPECT_EQ(sink.aliases[0], (std::vector<std::string>{"Image=/usr/bin/cat", "CurrentDirectory=/root", "ProcessId=12",
                                                       "ParentProcessId=1", "User=root"}));
}

TEST(Auditd, RecordsMayComeBetweenOthers) {
  const Collect sink = Read(kFormat,
                            "type=A msg=audit(1700000000.123:1): x=1\n"
                            "type=A msg=audit(1700000000.123:2): x=2\n"
                            "type=B msg=audit(1700000000.123:1): y=1\n"
                            "type=B msg=audit(1700000000.123:2): y=2\n"
                            "node=n1 type=B msg=audit(1700000000.123:2): y=3\n");
  EXPECT_EQ(sink.events,
            (std::vector<std::string>{"1 auditd/ serial=1;type=A|B;x=1;y=1;", "2 auditd/ serial=2;type=A|B;x=2;y=2;",
                                      "5 auditd/ node=n1;serial=2;type=B;y=3;"}));
}

TEST(Auditd, ANameThatComesBackLaterIsAnotherEvent) {
  std::string text = "type=A msg=audit(1700000000.123:1): x=1\n";
  for (uint64_t i = 1; i < kWindow; ++i) text += "type=F msg=audit(1700000000.123:9" + std::to_string(i) + "): f=1\n";
  const std::string again = "type=B msg=audit(1700000000.123:1): x=2\n";
  EXPECT_EQ(Read(kFormat, text + again).events.size(), kWindow);
  EXPECT_EQ(Read(kFormat, text + "\n" + again).events.size(), kWindow + 1);
}

TEST(Auditd, CutsNeverFallWithinAnEvent) {
  std::string text;
  for (int i = 0; i < 3000; ++i) {
    const std::string id = "msg=audit(1700000000.123:" + std::to_string(i) + "): ";
    text += "type=SYSCALL " + id + "syscall=2 arch=c000003e\n";
    if (i % 9 == 8) text += "type=LATE msg=audit(1700000000.123:" + std::to_string(std::max(0, i - 3)) + "): late=1\n";
    text += "type=PATH " + id + "name=\"/x\"\n\n";
  }
  const Collect whole = Read(kFormat, text);
  for (const size_t room : {100u, 5000u, 20000u}) {
    const auto cutter = kFormat.make_cutter();
    const auto reader = kFormat.make_reader({});
    Collect parts;
    size_t pieces = 0;
    for (size_t at = 0; at < text.size(); ++pieces) {
      const auto* data = reinterpret_cast<const uint8_t*>(text.data()) + at;
      size_t given = std::min(text.size() - at, room);
      Cut cut;
      while ((cut = cutter->Next(data, given, at + given == text.size())).size == 0)
        given = std::min(text.size() - at, given + room);
      std::vector<uint8_t> piece(data, data + cut.size);
      piece.resize(cut.size + kPiecePadding);
      reader->Read({piece.data(), cut.size, at, cut.records_before, cut.header, nullptr}, &parts);
      at += cut.size;
    }
    EXPECT_EQ(whole.events, parts.events) << room;
    EXPECT_GT(pieces, 10u) << room;
  }
}

TEST(Auditd, ValuesInHexadecimalAreDecodedWhereTheyMayBe) {
  EXPECT_EQ(One("type=PATH msg=audit(1700000000.123:1): name=2F612062 inode=1234 mode=0100644"),
            "1 auditd/ serial=1;type=PATH;name=/a b;inode=1234;mode=0100644;");
  EXPECT_EQ(
      One("type=USER_CMD msg=audit(1700000000.123:1): pid=1 msg='cwd=\"/\" cmd=6C73202D6C terminal=pts/0 res=success'"),
      "1 auditd/ serial=1;type=USER_CMD;pid=1;cwd=/;cmd=ls -l;terminal=pts/0;res=success;");
  EXPECT_EQ(One("type=SYSCALL msg=audit(1700000000.123:1): comm=\"41\" exe=(null) key=61016263"),
            "1 auditd/ serial=1;type=SYSCALL;comm=41;key=a|bc;");
  EXPECT_EQ(One("type=ADD_USER msg=audit(1700000000.123:1): msg='op=adding user acct=\"eve\" exe=\"/usr/sbin/useradd\" "
                "res=success'"),
            "1 auditd/ serial=1;type=ADD_USER;op=adding;acct=eve;exe=/usr/sbin/useradd;res=success;");
}

TEST(Auditd, LongArgumentsInParts) {
  EXPECT_EQ(One("type=EXECVE msg=audit(1700000000.123:1): argc=2 a0=\"sh\" a1_len=6 a1[0]=\"abc\" a1[1]=646566\n"),
            "1 auditd/process_creation serial=1;type=EXECVE;argc=2;a0=sh;a1=abcdef;CommandLine=sh abcdef;");
}

TEST(Auditd, SystemCallsByName) {
  EXPECT_EQ(One("type=SYSCALL msg=audit(1700000000.123:1): arch=c000003e syscall=41 a0=26"),
            "1 auditd/ serial=1;type=SYSCALL;arch=c000003e;syscall=41;a0=26;SYSCALL=socket;");
  EXPECT_EQ(SyscallName("40000003", "11"), "execve");
  EXPECT_EQ(SyscallName("c00000b7", "221"), "execve");
  EXPECT_EQ(SyscallName("c000003e", "99999"), "");
  EXPECT_EQ(SyscallName("c000003e", "x"), "");
}

TEST(Auditd, SocketAddresses) {
  const Collect sink = Read(kFormat,
                            "type=SYSCALL msg=audit(1700000000.123:1): arch=c000003e syscall=42 exe=\"/usr/bin/nc\"\n"
                            "type=SOCKADDR msg=audit(1700000000.123:1): saddr=020001BBC00002010000000000000000\n");
  ASSERT_EQ(sink.events.size(), 1u);
  EXPECT_EQ(sink.events[0],
            "1 auditd/network_connection serial=1;type=SYSCALL|SOCKADDR;arch=c000003e;syscall=42;exe=/usr/bin/nc;"
            "SYSCALL=connect;saddr_fam=inet;laddr=192.0.2.1;lport=443;");
  EXPECT_EQ(sink.aliases[0],
            (std::vector<std::string>{"Image=/usr/bin/nc", "DestinationIp=192.0.2.1", "DestinationPort=443",
                                      "dst_ip=192.0.2.1", "dst_port=443", "Initiated=true"}));
  SocketAddress address;
  ASSERT_TRUE(ReadSocketAddress("0A0001BB0000000020010DB800000000000000000000000100000000", &address));
  EXPECT_EQ(address.address, "2001:db8::1");
  ASSERT_TRUE(ReadSocketAddress("01002F72756E2F7800", &address));
  EXPECT_EQ(address.address, "/run/x");
  EXPECT_FALSE(ReadSocketAddress("0200", &address));
  EXPECT_FALSE(ReadSocketAddress("0200zz", &address));
}

TEST(Auditd, CreatedFiles) {
  EXPECT_EQ(One("type=SYSCALL msg=audit(1700000000.123:1): arch=c000003e syscall=257\n"
                "type=CWD msg=audit(1700000000.123:1): cwd=\"/tmp\"\n"
                "type=PATH msg=audit(1700000000.123:1): item=0 name=\"/tmp/\" nametype=PARENT\n"
                "type=PATH msg=audit(1700000000.123:1): item=1 name=\"x.sh\" nametype=CREATE\n"),
            "1 auditd/file_event serial=1;type=SYSCALL|CWD|PATH|PATH;arch=c000003e;syscall=257;SYSCALL=openat;cwd=/tmp;"
            "item=0|1;name=/tmp/|x.sh;nametype=PARENT|CREATE;TargetFilename=/tmp/x.sh;");
}

TEST(Auditd, DamagedLinesAreNamed) {
  const Collect sink = Read(kFormat,
                            "type=A msg=audit(1700000000.123:1): x=1\r\n"
                            "torn line\r\n"
                            "type=A msg=audit(17000000\n"
                            "----\n"
                            "type=A msg=audit(1700000000.123:2): x=\"no end\n"
                            "type=A msg=audit(1700000000.123:3): x=\xff\xfe");
  EXPECT_EQ(sink.damage, (std::vector<std::string>{"41 audit_line_without_record", "52 audit_line_without_record"}));
  EXPECT_EQ(sink.events.size(), 3u);
}

TEST(Auditd, WithinSyslog) {
  const Collect sink = Read(
      syslog::kFormat,
      "Nov 14 22:13:20 web1 audispd: type=SYSCALL msg=audit(1700000000.123:7): arch=c000003e syscall=59\n"
      "Nov 14 22:13:20 web1 sshd[1]: Server listening on 0.0.0.0 port 22.\n"
      "Nov 14 22:13:20 web1 audispd: type=EXECVE msg=audit(1700000000.123:7): argc=1 a0=\"id\"\n"
      "Nov 14 22:13:21 web1 kernel: audit: type=1400 audit(1700000001.000:8): apparmor=\"DENIED\" profile=\"x\"\n");
  ASSERT_EQ(sink.events.size(), 3u);
  EXPECT_EQ(sink.events[0],
            "1 auditd/process_creation node=web1;serial=7;type=SYSCALL|EXECVE;arch=c000003e;syscall=59;"
            "SYSCALL=execve;argc=1;a0=id;CommandLine=id;");
  EXPECT_EQ(sink.events[2], "4 auditd/ node=web1;serial=8;type=AVC;apparmor=DENIED;profile=x;");
}

// As ausearch -i writes them: whatever bytes they have, the same events come out wherever the file is cut.
TEST(Auditd, InterpretedRecordsMayHoldAnyBytes) {
  const std::string log =
      "----\n"
      "type=PROCTITLE msg=audit(01/02/2026 03:04:05.123:42) : proctitle=dd if=/dev/zero \n"
      "type=PATH msg=audit(01/02/2026 03:04:05.123:42) : item=0 name=/a inode=5 b inode=7 dev=fd:00 nametype=CREATE \n"
      "type=EXECVE msg=audit(01/02/2026 03:04:05.123:42) : argc=2 a0=dd a1=of=x a0=y \n"
      "type=SYSCALL msg=audit(01/02/2026 03:04:05.123:42) : arch=x86_64 syscall=execve exit=EPERM(Not now) comm=a "
      "exe=b "
      "exe=/bin/dd key=(null) \n"
      "type=USER_LOGIN msg=audit(01/02/2026 03:04:06.000:43) : pid=1 msg='op=login acct=x res=y res=failed' \n";
  const Collect whole = Read(kFormat, log);
  ASSERT_EQ(whole.events.size(), 2u);
  EXPECT_EQ(whole.events[0],
            "2 auditd/process_creation serial=42;type=PROCTITLE|PATH|EXECVE|SYSCALL;proctitle=dd if=/dev/zero;item=0;"
            "name=/a inode=5 b;inode=7;dev=fd:00;nametype=CREATE;argc=2;a0=dd;a1=of=x a0=y;arch=x86_64;ARCH=x86_64;"
            "syscall=execve;SYSCALL=execve;exit=EPERM(Not now);comm=a exe=b;exe=/bin/dd;CommandLine=dd of=x a0=y;"
            "TargetFilename=/a inode=5 b;");
  EXPECT_EQ(whole.events[1], "6 auditd/ serial=43;type=USER_LOGIN;pid=1;op=login;acct=x res=y;res=failed;");
  for (size_t at = 0; at < log.size(); ++at) {
    for (const char c : {'\0', '=', ' ', '\'', '\n', ')', '}'}) {
      std::string damaged = log;
      damaged[at] = c;
      Read(kFormat, damaged);
      Read(kFormat, damaged.substr(0, at));
    }
  }
}

TEST(Auditd, RecognisedByContent) {
  const auto recognised = [](std::string_view text) {
    return kFormat.recognise(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_TRUE(recognised("type=A msg=audit(1700000000.123:1): x=1\n"));
  EXPECT_TRUE(recognised("----\ntime->Tue Nov 14\nnode=n type=A msg=audit(1700000000.123:1): x=1\n"));
  EXPECT_FALSE(recognised("Nov 14 22:13:20 web1 audispd: type=SYSCALL msg=audit(1700000000.123:7): x=1\n"));
  EXPECT_FALSE(recognised("{\"x\": \"type=A msg=audit(1700000000.123:1): x=1\"}\n"));
  EXPECT_FALSE(recognised("type=A\n"));
}

}  // namespace
}  // namespace spoor::auditd
