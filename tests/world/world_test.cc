#include "world/world.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace spoor {
namespace {

constexpr int64_t kSecond = 1'000'000;

class WorldTest : public testing::Test {
 protected:
  WorldTest() : files_({}), world_(files_) {}
  ThingId Host(World* world, const char* name) { return world->Add(ThingKind::kHost, "", kNoThing, name); }
  // The start of a process as Sysmon tells it, and as the security log does.
  ThingId Sysmon(World* world, ThingId host, const char* guid, uint32_t pid, int64_t time) {
    return Started(world, world->Add(ThingKind::kProcess, "", host, guid), pid, time, "by sysmon");
  }
  ThingId Security(World* world, ThingId host, uint32_t pid, int64_t time) {
    return Started(
        world,
        world->Add(ThingKind::kPid, "", host, std::to_string(pid) + " " + std::to_string(time / (600 * kSecond))), pid,
        time, "");
  }
  ThingId Started(World* world, ThingId thing, uint32_t pid, int64_t time, const char* command) {
    Process process;
    process.thing = thing;
    process.pid = pid;
    process.started = process.command_at_start = true;
    process.command = command;
    process.start = {time, 0, 1, 0};
    world->Tell(process);
    return thing;
  }

  FileTable files_;
  World world_;
};

TEST_F(WorldTest, TwoLogsTellOfOneProcess) {
  const ThingId host = Host(&world_, "ws1");
  const ThingId sysmon = Sysmon(&world_, host, "{1}", 700, 1000 * kSecond),
                security = Security(&world_, host, 700, 1001 * kSecond);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(now[sysmon], now[security]);
  EXPECT_EQ(world_.FindProcess(now[security])->command, "by sysmon");
}

TEST_F(WorldTest, ANumberUsedAgainIsAnotherProcess) {
  const ThingId host = Host(&world_, "ws1");
  const ThingId first = Sysmon(&world_, host, "{1}", 700, 1000 * kSecond),
                second = Sysmon(&world_, host, "{2}", 700, 9000 * kSecond);
  const ThingId early = world_.Add(ThingKind::kPid, "", host, "700 3"),
                late = world_.Add(ThingKind::kPid, "", host, "700 20");
  for (const auto& [thing, time] : {std::pair(early, 2000 * kSecond), std::pair(late, 12000 * kSecond)}) {
    Process process;
    process.thing = thing;
    process.pid = 700;
    process.start = {time, 0, 5, 0};
    world_.Tell(process);
  }
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(now[early], now[first]);
  EXPECT_EQ(now[late], now[second]);
  EXPECT_NE(now[first], now[second]);
}

// As no machine does, and evidence may say: it is read through all the same.
TEST_F(WorldTest, OneNumberOfManyProgramsIsSettledAtOnce) {
  constexpr int kMany = 30'000;
  const ThingId host = Host(&world_, "ws1");
  for (int i = 0; i < 2 * kMany; ++i) {
    const std::string name = std::to_string(i);
    Process process;
    process.thing = world_.Add(i % 2 == 0 ? ThingKind::kProcess : ThingKind::kPid, "", host, name);
    process.pid = 700;
    process.image = name;
    process.started = i % 2 == 0;
    process.start = {(i + 1) * 60 * kSecond, 0, 1, 0};
    world_.Tell(process);
  }
  world_.Settle();
  EXPECT_EQ(world_.processes().size(), size_t{2 * kMany});
}

TEST_F(WorldTest, TheSameNumberOnAnotherMachineIsAnotherProcess) {
  const ThingId a = Sysmon(&world_, Host(&world_, "ws1"), "{1}", 700, 1000 * kSecond),
                b = Security(&world_, Host(&world_, "ws2"), 700, 1000 * kSecond);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_NE(now[a], now[b]);
}

TEST_F(WorldTest, AnAccountAndItsIdentifierAreOne) {
  const ThingId name = world_.Add(ThingKind::kAccount, "", kNoThing, "acme\\jane"),
                sid = world_.Add(ThingKind::kAccount, "", kNoThing, "S-1-5-21-1-2-3-1104");
  world_.AddSid(name, sid);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(now[name], now[sid]);
  EXPECT_EQ(world_.things()[now[sid]].name, "acme\\jane");
}

TEST_F(WorldTest, AnAddressIsOfTheHostThatMostEventsSay) {
  const ThingId a = Host(&world_, "ws1"), b = Host(&world_, "ws2"),
                address = world_.Add(ThingKind::kAddress, "", kNoThing, "10.1.0.5");
  world_.AddAddress(a, address);
  world_.AddAddress(a, address);
  world_.AddAddress(b, address);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(world_.HostOf(now[address]), now[a]);
  EXPECT_EQ(world_.HostOf(now[b]), now[b]);
}

// Accounts of machines and those of services are written alike.
TEST_F(WorldTest, AnAccountOfAMachineSaysItsAddressWhereItHasLogsOfItsOwn) {
  const ThingId files = Host(&world_, "fs1"), service = Host(&world_, "svc-sql"),
                address = world_.Add(ThingKind::kAddress, "", kNoThing, "10.1.0.5");
  world_.Add(ThingKind::kFile, "", files, "c:\\a.txt");
  world_.AddMember(files, address);
  for (int i = 0; i < 3; ++i) world_.AddMember(service, address);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(world_.HostOf(now[address]), now[files]);
}

// A provider's machine is seen in a customer's logs by its address, and in another's by its name, too.
TEST_F(WorldTest, AMachineOfAnotherTenantIsKnownByAddressAndName) {
  const ThingId rmm = world_.Add(ThingKind::kHost, "provider", kNoThing, "rmm1"),
                at_home = world_.Add(ThingKind::kAddress, "provider", kNoThing, "10.1.0.5");
  world_.Add(ThingKind::kFile, "provider", rmm, "c:\\a.txt");  // it has logs of its own
  world_.AddAddress(rmm, at_home);
  const ThingId by_address = world_.Add(ThingKind::kAddress, "acme", kNoThing, "10.1.0.5");
  const ThingId name = world_.Add(ThingKind::kHost, "umbrella", kNoThing, "rmm1"),
                with_name = world_.Add(ThingKind::kAddress, "umbrella", kNoThing, "10.1.0.5");
  world_.AddAddress(name, with_name);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(world_.HostOf(now[by_address]), now[rmm]);
  EXPECT_EQ(world_.HostOf(now[with_name]), now[rmm]);
  EXPECT_EQ(world_.HostOf(now[name]), now[rmm]);
}

// Both organisations have a machine of that name; the domain says whose is meant.
TEST_F(WorldTest, ANameInAnotherTenantsDomainIsThatTenantsMachine) {
  const auto add = [&](const char* tenant, const char* name) {
    return world_.Add(ThingKind::kHost, tenant, kNoThing, name);
  };
  const ThingId dc = add("acme", "dc1"), other = add("umbrella", "dc1"), own = add("provider", "dc1"),
                named = add("provider", "dc1.acme.example"), named_too = add("provider", "dc1.umbrella.example"),
                files = add("provider", "fs1.acme.example"), itself = add("provider", "dc1.provider.example"),
                nowhere = add("provider", "x1.elsewhere.example"), home = add("provider", "x2.fritz.box"),
                at_home = add("acme", "x3");
  for (const auto& [host, tenant] : {std::pair(dc, "acme"), {other, "umbrella"}, {own, "provider"}}) {
    world_.Add(ThingKind::kFile, tenant, host, "c:\\a.txt");
    world_.AddDomain(host, std::string(tenant) + ".example");
  }
  world_.Add(ThingKind::kFile, "acme", at_home, "c:\\a.txt");
  world_.AddDomain(at_home, "fritz.box");
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(world_.HostOf(now[named]), now[dc]);
  EXPECT_EQ(world_.HostOf(now[named_too]), now[other]);
  EXPECT_EQ(now[itself], now[own]);
  EXPECT_EQ(world_.things()[now[nowhere]].name, "x1");
  EXPECT_EQ(world_.HostOf(now[nowhere]), now[nowhere]);
  EXPECT_EQ(world_.HostOf(now[home]), now[home]);
  // No log of its own is there: it is acme's all the same.
  const ThingId theirs = world_.HostOf(now[files]);
  EXPECT_EQ(world_.things()[theirs].name, "fs1");
  EXPECT_EQ(world_.tenant(world_.things()[theirs]), "acme");
}

// Two tenants that use the same private addresses: nobody can say which is meant in a third's logs.
TEST_F(WorldTest, AnAddressOfTwoTenantsIsNobodysInAThird) {
  for (const char* tenant : {"acme", "umbrella"}) {
    const ThingId host = world_.Add(ThingKind::kHost, tenant, kNoThing, std::string("pc-") + tenant);
    world_.Add(ThingKind::kFile, tenant, host, "c:\\a.txt");
    world_.AddAddress(host, world_.Add(ThingKind::kAddress, tenant, kNoThing, "192.168.0.2"));
  }
  const ThingId third = world_.Add(ThingKind::kAddress, "third", kNoThing, "192.168.0.2");
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_EQ(world_.HostOf(now[third]), kNoThing);
}

TEST_F(WorldTest, TenantsAreNeverMixed) {
  const ThingId a = world_.Add(ThingKind::kHost, "acme", kNoThing, "dc1"),
                b = world_.Add(ThingKind::kHost, "umbrella", kNoThing, "dc1");
  EXPECT_NE(a, b);
  const std::vector<ThingId> now = world_.Settle();
  EXPECT_NE(now[a], now[b]);
}

// Two workers' worlds put together in either order are the same world.
TEST_F(WorldTest, WhoFoundWhatFirstMeansNothing) {
  const auto make = [&](int i) {
    World part(files_);
    const ThingId host = Host(&part, "ws1"), other = Host(&part, i == 0 ? "ws2" : "ws3");
    const ThingId parent = Sysmon(&part, host, "{1}", 700, 1000 * kSecond),
                  child = Sysmon(&part, host, i == 0 ? "{2}" : "{3}", 710, (1100 + i) * kSecond);
    part.Join(LinkKind::kStarted, parent, child, {(1100 + i) * kSecond, 0, 1, 0});
    part.Join(LinkKind::kConnected, child, other, {(1200 + i) * kSecond, 0, 2, 0});
    part.Count(host, (1100 + i) * kSecond);
    return part;
  };
  const auto text = [&](World first, World second) {
    World all(files_);
    all.Take(std::move(first));
    all.Take(std::move(second));
    all.Settle();
    std::string out;
    for (const Thing& t : all.things())
      out += t.name + " " + std::to_string(t.first) + " " + std::to_string(t.events) + "\n";
    for (const Link& l : all.links()) {
      out += all.things()[l.from].name + " " + LinkKindName(l.kind) + " " + all.things()[l.to].name + " " +
             std::to_string(l.first()) + "\n";
    }
    return out;
  };
  EXPECT_EQ(text(make(0), make(1)), text(make(1), make(0)));
}

TEST_F(WorldTest, ALinkKeepsItsFirstRecord) {
  const ThingId a = Host(&world_, "ws1"), b = Host(&world_, "ws2");
  world_.Join(LinkKind::kConnected, a, b, {200, 0, 7, 0});
  world_.Join(LinkKind::kConnected, a, b, {100, 0, 3, 0});
  world_.Join(LinkKind::kConnected, a, b, {300, 0, 9, 0});
  ASSERT_EQ(world_.links().size(), 1u);
  EXPECT_EQ(world_.links()[0].events, 3u);
  EXPECT_EQ(world_.links()[0].proof.record, 3u);
  EXPECT_EQ(world_.links()[0].last, 300);
}

}  // namespace
}  // namespace spoor
