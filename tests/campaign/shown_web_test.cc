#include "campaign/shown_web.h"

#include <gtest/gtest.h>

#include "support/acts_world.h"

namespace spoor {
namespace {

class WebTest : public testing::Test {
 protected:
  WebTest() : web_(w_.world.Add(ThingKind::kHost, "acme", kNoThing, "web01")) {}
  ThingId Url(const std::string& path) { return w_.world.Add(ThingKind::kUrl, "acme", web_, path); }
  void Post(const std::string& path, const std::string& from, int day, int second) {
    w_.Do(ActKind::kPosted, kNoThing, w_.Address(from), day, second, Url(path), web_);
  }
  ThingId Process(const std::string& guid, const std::string& image, int day, int second) {
    const ThingId thing = w_.world.Add(ThingKind::kProcess, "acme", web_, guid);
    spoor::Process process;
    process.thing = thing;
    process.image = image;
    process.pid = 700;
    process.start = Place(day, second);
    w_.world.Tell(process);
    return thing;
  }
  void Write(ThingId process, const std::string& file, int day, int second) {
    w_.world.Join(LinkKind::kWrote, process, w_.world.Add(ThingKind::kFile, "acme", web_, file), Place(day, second));
  }
  static RecordPlace Place(int day, int second) { return {(20000 + day) * kOneDay + second * kOneSecond, 0, 9, 9}; }
  WebShown Run() {
    w_.world.Settle();
    return ShownByWeb(w_.world, theirs_);
  }
  ActsWorld w_;
  ThingId web_;
  std::set<std::string> theirs_;
};

// The page's file was written where no log tells of files.
TEST_F(WebTest, APageThatTheIntrudersAddressesSendDataToIsAWebShell) {
  theirs_ = {"198.51.100.200", "198.51.100.201", "198.51.100.202"};
  for (int i = 200; i < 203; ++i) Post("/api/x.aspx", "198.51.100." + std::to_string(i), i, 60);
  Post("/api/x.aspx", "198.51.100.7", 1, 60);
  Post("/form.aspx", "198.51.100.200", 3, 60);  // who lives there fills in a form
  Post("/form.aspx", "198.51.100.7", 1, 60);
  for (int i = 1; i < 8; ++i) Post("/search.aspx", "198.51.100." + std::to_string(i), i, 60);
  for (int i = 200; i < 203; ++i) Post("/search.aspx", "198.51.100." + std::to_string(i), i, 60);
  const WebShown found = Run();
  ASSERT_EQ(found.shown.size(), 1u);
  EXPECT_EQ(found.shown[0].techniques[0], "T1505.003");
  EXPECT_EQ(found.shown[0].addresses.size(), 4u);
}

TEST_F(WebTest, APageWhoseFileTheWorkerWroteIsAWebShell) {
  const ThingId worker = Process("{1}", "c:\\windows\\system32\\inetsrv\\w3wp.exe", 0, 0);
  Write(worker, "c:\\inetpub\\wwwroot\\api\\x.aspx", 3, 0);
  Post("/api/x.aspx", "198.51.100.200", 3, 60);
  Post("/api/x.aspx", "198.51.100.201", 40, 60);
  const WebShown found = Run();
  ASSERT_EQ(found.shown.size(), 1u);
  EXPECT_EQ(found.shown[0].techniques[0], "T1505.003");
  EXPECT_EQ(found.shown[0].places.size(), 2u);
  EXPECT_TRUE(found.marked.contains("198.51.100.201"));
}

TEST_F(WebTest, AShellThatTheWorkerStartsAtThatSecondIsToldToo) {
  const ThingId worker = Process("{1}", "c:\\windows\\system32\\inetsrv\\w3wp.exe", 0, 0),
                shell = Process("{2}", "c:\\windows\\system32\\cmd.exe", 3, 62);
  w_.world.Join(LinkKind::kStarted, worker, shell, Place(3, 62));
  Post("/upload.ashx", "198.51.100.200", 3, 60);
  Post("/contact.aspx", "198.51.100.3", 4, 60);  // at another time
  const WebShown found = Run();
  ASSERT_EQ(found.shown.size(), 1u);
  EXPECT_EQ(found.shown[0].techniques[0], "T1190");
}

TEST_F(WebTest, ADeploymentWritesManyFiles) {
  const ThingId deployment = Process("{1}", "c:\\program files\\iis\\msdepsvc.exe", 3, 0);
  for (const char* file : {"a.aspx", "b.aspx", "api\\x.ashx", "site.css"})
    Write(deployment, std::string("c:\\inetpub\\wwwroot\\") + file, 3, 0);
  Post("/api/x.ashx", "203.0.113.1", 3, 60);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(WebTest, APageThatManyAskIsAnApplications) {
  const ThingId worker = Process("{1}", "c:\\windows\\system32\\inetsrv\\w3wp.exe", 0, 0),
                shell = Process("{2}", "c:\\windows\\system32\\cmd.exe", 3, 62);
  w_.world.Join(LinkKind::kStarted, worker, shell, Place(3, 62));
  for (int i = 0; i < 20; ++i) Post("/search.aspx", "198.51.100." + std::to_string(i), 3, 60 + i);
  EXPECT_TRUE(Run().shown.empty());
}

TEST_F(WebTest, AFileThatWasThereForMonthsIsNoNewOne) {
  const ThingId shell = Process("{1}", "c:\\windows\\system32\\cmd.exe", 0, 0);
  Write(shell, "c:\\inetpub\\wwwroot\\form.aspx", 0, 0);
  Post("/form.aspx", "198.51.100.3", 60, 60);
  EXPECT_TRUE(Run().shown.empty());
}

}  // namespace
}  // namespace spoor
