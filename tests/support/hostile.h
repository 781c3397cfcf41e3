// Evidence damaged or forged on purpose: texts of records with one thing done to them at a known place, so that a test
// can say which records must still be found; and archives that lie about themselves.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace spoor::test {

// What every record of a sample holds in one of its values: "needle07".
std::string Needle(size_t record);

// A small file of records that are texts.
struct TextSample {
  std::string name;                  // "json-list"
  std::string ending;                // of its files
  std::string head;                  // before the records: lines that name the columns, the bracket that opens a list
  std::vector<std::string> records;  // each with what separates it from the next
  std::string tail;
  bool lines = true;   // a record ends with its line
  bool utf16 = false;  // its files are

  // Where the pieces lie in head + records + tail.
  size_t Begin(size_t record) const;
  size_t End(size_t record) const { return Begin(record) + records[record].size(); }
  std::string Text() const;
};

// `make` gives a record's text; `padding` is to stand in one of its values.
TextSample MakeSample(std::string name, std::string ending, std::string head,
                      const std::function<std::string(const std::string& needle, size_t number)>& make,
                      std::string tail = "", size_t records = 12);

// Bytes [from, to) of a sample's text were replaced; everything before and behind is as it was.
struct Variant {
  std::string what;
  std::string text;
  size_t from = 0, to = 0;
  // What was put there ends with a line end (or nothing was put there, and a line end stands before it): what follows
  // begins a line.
  bool clean = false;
  bool too_much = false;  // what was put there is more than any record may have: it must be told
};

// The same variants on every machine. `lines`: what is inserted may be whole lines.
std::vector<Variant> DamagedVariants(const TextSample& sample, size_t count, uint64_t seed);
std::vector<Variant> HostileVariants(const TextSample& sample, uint64_t seed);

std::string Utf16File(std::string_view utf8);

// A 7z whose list of contents is `list`, as it is to stand in the file unpacked (7zFormat.txt, "Header"); packed with
// LZMA as 7-Zip does, or as it is.
std::string SevenZipOf(std::string_view list, bool packed);
// A list of so many empty files, all called "a"; without names: nothing but their number.
std::string SevenZipList(uint64_t files, bool names);

}  // namespace spoor::test
