// The example campaign traced with pseudonyms: of the thousands in its roster nobody's name is left in what is written.
#include <gtest/gtest.h>

#include <deque>
#include <fstream>
#include <sstream>
#include <unordered_set>

#include "base/text.h"
#include "campaign/roster.h"
#include "support/read_events.h"
#include "support/run_program.h"

namespace spoor {
namespace {

std::string ReadAll(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<std::string> WordsOf(std::string_view text) {
  std::vector<std::string> words(1);
  for (const char c : text) {
    const bool word = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80) != 0;
    if (word) words.back() += c;
    if (!word && !words.back().empty()) words.emplace_back();
  }
  if (words.back().empty()) words.pop_back();
  for (std::string& word : words) word = Folded(word);
  return words;
}

std::string Key(const std::vector<std::string>& words) {
  std::string key;
  for (const std::string& word : words) key += word + " ";
  return key;
}

// All that stands in a text, up to eight words long.
std::unordered_set<std::string> Phrases(const std::string& text) {
  std::unordered_set<std::string> phrases;
  std::deque<std::string> open;
  for (const std::string& word : WordsOf(text)) {
    open.emplace_back();
    if (open.size() > 8) open.pop_front();
    for (std::string& phrase : open) phrases.insert(phrase += word + " ");
  }
  return phrases;
}

size_t NamesIn(const std::string& text, const Roster& roster, std::string* first) {
  const std::unordered_set<std::string> phrases = Phrases(text);
  size_t found = 0;
  const auto look = [&](const std::string& name) {
    if (!phrases.contains(Key(WordsOf(name)))) return;
    if (found++ == 0) *first = name;
  };
  for (const RosterPerson& person : roster.persons()) {
    look(person.name);
    for (const std::string& account : person.accounts) {
      look(account);
      look(account.substr(account.find('\\') + 1));
    }
    for (const std::string& sid : person.sids) look(sid);
    for (const std::string& mail : person.mails) {
      look(mail);
      look(mail.substr(0, mail.find('@')));
    }
  }
  return found;
}

TEST(Redact, OfTheExampleCampaignNobodysNameIsLeft) {
  const test::TemporaryFolder folder;
  const std::string days = folder / "days", roster_file = days + "/roster.csv";
  ASSERT_EQ(test::RunProgram(SPOOR_BINARY, {"demo", days, "--seed", "2", "-q"}, 120).code, 0);
  std::vector<std::string> notes;
  const auto roster = Roster::Read(ReadAll(roster_file), "roster.csv", &notes);
  ASSERT_TRUE(roster.ok()) << roster.status();
  ASSERT_GT(roster->persons().size(), 1000u);
  for (const bool redact : {false, true}) {
    for (const char* format : {"json", "story"}) {
      if (!redact && format != std::string("json")) continue;
      std::vector<std::string> arguments = {
          "trace", "--tenants", days + "/evidence", "--roster", roster_file,     "-f",
          format,  "-o",        folder / "out",     "--notify", folder / "list", "-q"};
      if (redact) arguments.emplace_back("--redact");
      const test::Ran ran = test::RunProgram(SPOOR_BINARY, arguments, 120);
      ASSERT_LE(ran.code, 1) << ran.Text();
      for (const char* file : {"out", "list"}) {
        const std::string text = ReadAll(folder / file);
        ASSERT_GT(text.size(), 1000u);
        std::string first;
        const size_t names = NamesIn(text, *roster, &first);
        if (redact) {
          EXPECT_EQ(names, 0u) << format << " " << file << ": " << first;
        } else {
          EXPECT_GT(names, 0u) << format << " " << file;  // else the test shows nothing
        }
      }
    }
  }
}

}  // namespace
}  // namespace spoor
