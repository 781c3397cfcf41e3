// Zeek's ASCII logs: the reader against a plain one that takes its time.
#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>
#include <string>

#include "formats/zeek/format.h"
#include "support/collect_texts.h"
#include "support/read_events.h"

namespace spoor {
namespace {

using test::CollectTexts;

std::vector<std::string> Split(const std::string& text, const std::string& separator) {
  std::vector<std::string> parts;
  size_t at = 0;
  for (size_t stop; (stop = text.find(separator, at)) != std::string::npos; at = stop + separator.size()) {
    parts.push_back(text.substr(at, stop - at));
  }
  parts.push_back(text.substr(at));
  return parts;
}

std::string Plain(const std::string& text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned byte = 0;
    if (text.compare(i, 2, "\\\\") == 0) {
      out += '\\';
      ++i;
    } else if (text.compare(i, 2, "\\x") == 0 && i + 4 <= text.size() && std::isxdigit(text[i + 2]) &&
               std::isxdigit(text[i + 3]) && std::sscanf(text.substr(i + 2, 2).c_str(), "%2x", &byte) == 1) {
      out += static_cast<char>(byte);
      i += 3;
    } else {
      out += text[i];
    }
  }
  return out;
}

// Lines to events, the plain way.
CollectTexts Naive(const std::string& text) {
  CollectTexts out;
  std::map<std::string, std::string> said;
  const auto get = [&](const char* word) { return said.count(word) != 0 ? said[word] : std::string(); };
  std::istringstream lines(text);
  std::string line;
  for (uint64_t number = 1; std::getline(lines, line); ++number) {
    if (line.empty()) continue;
    if (line[0] == '#') {
      size_t stop = 1;
      while (stop < line.size() && (std::isalpha(line[stop]) || line[stop] == '_')) ++stop;
      const std::string word = line.substr(1, stop - 1);
      if (word == "separator") said.clear();
      said[word] = stop < line.size() ? line.substr(stop + 1) : "";
      continue;
    }
    const std::string separator = Plain(get("separator"));
    const auto names = Split(get("fields"), separator), types = Split(get("types"), separator),
               values = Split(line, separator);
    std::string event;
    for (size_t i = 0; i < names.size() && i < values.size(); ++i) {
      if (values[i] == get("unset_field")) continue;
      event += names[i] + '=';
      if (types[i].find('[') != std::string::npos) {
        if (values[i] == get("empty_field")) {
          event += "[]";
        } else {
          bool first = true;
          for (const std::string& one : Split(values[i], Plain(get("set_separator")))) {
            event += (first ? "" : "|") + (one == get("empty_field") ? "" : Plain(one));
            first = false;
          }
        }
      } else if (values[i] != get("empty_field")) {
        event += Plain(values[i]);
      }
      event += ';';
    }
    out.events.push_back(event);
    out.records.push_back(number);
  }
  return out;
}

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string File() {
    std::string text;
    for (int logs = 1 + Below(3); logs > 0; --logs) {
      const std::string separator = Below(4) == 0 ? "|" : "\t";
      const size_t columns = 1 + Below(12);
      text += separator == "\t" ? "#separator \\x09\n" : "#separator \\x7c\n";
      text +=
          "#set_separator" + separator + ",\n#empty_field" + separator + "(empty)\n#unset_field" + separator + "-\n";
      text += "#path" + separator + "log" + std::to_string(Below(3)) + "\n#open" + separator + "2026\n#fields";
      std::string types = "#types";
      std::vector<bool> lists;
      for (size_t i = 0; i < columns; ++i) {
        lists.push_back(i > 0 && Below(4) == 0);
        text += separator + (i == 0 ? "ts" : "f" + std::to_string(i));
        types += separator + (i == 0 ? "time" : lists[i] ? "set[string]" : "string");
      }
      text += '\n' + types + '\n';
      for (size_t rows = Below(8); rows > 0; --rows) {
        for (size_t i = 0; i < columns; ++i) {
          if (i > 0) text += separator;
          if (i == 0) {
            text += std::to_string(1700000000 + Below(1000)) + "." + std::to_string(100000 + Below(900000));
          } else if (Below(5) == 0) {
            text += Below(2) == 0 ? "-" : "(empty)";
          } else if (lists[i]) {
            for (size_t n = 1 + Below(4), first = n; n > 0; --n) text += (n == first ? "" : ",") + Text();
          } else {
            text += Text();
          }
        }
        text += '\n';
      }
      if (Below(2) == 0) text += "#close" + separator + "2026\n";
    }
    return text;
  }

 private:
  size_t Below(size_t n) { return random_() % n; }
  std::string Text() {
    static const char* kParts[] = {"g",     "kl",    "\\x09",   "\\x7c", "\\\\", "\\",
                                   "\\x2c", "\\xZZ", "(empty)", "#",     " ",    "\\x"};
    std::string text = "v";
    for (size_t n = Below(10); n > 0; --n) text += kParts[Below(std::size(kParts))];
    return text;
  }
  std::mt19937 random_;
};

TEST(Zeek, EventsAreThoseOfAPlainReader) {
  for (uint32_t seed = 0; seed < 3000; ++seed) {
    const std::string text = Generator(seed).File();
    const CollectTexts want = Naive(text), got = test::ReadTexts(zeek::kFormat, text);
    ASSERT_EQ(got.events, want.events) << seed << "\n" << text;
    ASSERT_EQ(got.records, want.records) << seed;
    ASSERT_TRUE(got.damage.empty());
    const CollectTexts pieces = test::ReadInPieces(zeek::kFormat, text, 1 + seed % 300);
    ASSERT_EQ(pieces.events, want.events) << seed << "\n" << text;
    ASSERT_EQ(pieces.records, want.records) << seed;
  }
}

constexpr char kHead[] =
    "#separator "
    "\\x09\n#set_separator\t,\n#empty_field\t(empty)\n#unset_field\t-\n#path\tdns\n#fields\tts\tquery\tanswers\n"
    "#types\ttime\tstring\tvector[string]\n";

TEST(Zeek, TimesHaveMicroseconds) {
  const auto time = [](const std::string& text) {
    return test::ReadTexts(zeek::kFormat, kHead + text + "\tq\t-\n").times.at(0);
  };
  EXPECT_EQ(time("1521911720.865716"), 1521911720865716);
  EXPECT_EQ(time("1521911720.8657169"), 1521911720865716);
  EXPECT_EQ(time("1521911720.5"), 1521911720500000);
  EXPECT_EQ(time("1521911720"), 1521911720000000);
  EXPECT_EQ(time("2018-03-24T17:15:20.865716Z"), 1521911720865716);
  EXPECT_EQ(time("-"), 0);
  EXPECT_EQ(time("99999999999999999999999999"), 0);
  EXPECT_EQ(time("1521911720.12x"), 0);
}

TEST(Zeek, SourceIsThePath) {
  EXPECT_EQ(test::ReadTexts(zeek::kFormat, std::string(kHead) + "1\tq\t-\n").sources.at(0), "zeek/dns/dns");
  std::string other = kHead;
  other.replace(other.find("\tdns"), 4, "\tSMB_Files");
  EXPECT_EQ(test::ReadTexts(zeek::kFormat, other + "1\tq\t-\n").sources.at(0), "zeek/smb_files/");
}

TEST(Zeek, AHeaderThatNeverEndsIsNotKept) {
  const std::string text = "#separator \\x09\n#fields\t" + std::string(100000, 'x') + "\nline\n";
  const CollectTexts got = test::ReadTexts(zeek::kFormat, text);
  EXPECT_TRUE(got.events.empty());
  ASSERT_EQ(got.damage.size(), 1u);
}

TEST(Zeek, IsRecognisedByItsHeader) {
  EXPECT_TRUE(test::RecognisedAs(zeek::kFormat, kHead));
  EXPECT_TRUE(test::RecognisedAs(zeek::kFormat, "\xef\xbb\xbf" + std::string(kHead)));
  EXPECT_TRUE(test::RecognisedAs(zeek::kFormat, "#path\tx\n#fields\ta\n#types\tstring\n"));
  EXPECT_FALSE(test::RecognisedAs(zeek::kFormat, "#Fields: date time\n"));
  EXPECT_FALSE(test::RecognisedAs(zeek::kFormat, "# a comment\n"));
}

// Every line that is no header is an event: counted by gzip and grep.
TEST(Zeek, RealLogsLoseNoLine) {
  const std::string folder = std::string(SPOOR_SHARED_DATA) + "/zeek-default";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << folder << " is not there";
  size_t events = 0;
  for (const std::string& file : test::FilesBelow(folder, ".log.gz")) {
    std::string text;
    FILE* const pipe = popen(("gzip -dc '" + file + "'").c_str(), "r");
    ASSERT_NE(pipe, nullptr);
    char buffer[65536];
    for (size_t n; (n = fread(buffer, 1, sizeof buffer, pipe)) > 0;) text.append(buffer, n);
    pclose(pipe);
    if (text.empty()) continue;
    ASSERT_TRUE(test::RecognisedAs(zeek::kFormat, text)) << file;
    size_t lines = 0;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) lines += !line.empty() && line[0] != '#';
    const CollectTexts got = test::ReadTexts(zeek::kFormat, text);
    EXPECT_EQ(got.events.size(), lines) << file;
    EXPECT_TRUE(got.damage.empty()) << file << " " << got.damage[0];
    const bool dated = text.find("#fields\tts\t") != std::string::npos;
    for (const int64_t time : got.times) ASSERT_TRUE(!dated || time > 0) << file;
    events += lines;
  }
  EXPECT_GT(events, 10000u);
}

}  // namespace
}  // namespace spoor
