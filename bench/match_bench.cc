// The parts of matching, one by one: text conversion, memo, literals.
#include <benchmark/benchmark.h>

#include <random>
#include <string>
#include <vector>

#include "base/text.h"
#include "match/affix_trie.h"
#include "match/literals.h"
#include "match/memo.h"

namespace {

using spoor::Value;
using spoor::ValueType;

const std::string kCommand =
    "\"C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe\" -NoProfile -ExecutionPolicy Bypass -File "
    "C:\\ProgramData\\Vendor\\inventory.ps1 -Session 4711";

std::string Utf16(const std::string& ascii) {
  std::string out;
  for (const char c : ascii) out += {c, '\0'};
  return out;
}

std::vector<std::string> Words(size_t n) {
  std::mt19937 random(1);
  std::vector<std::string> words;
  for (size_t i = 0; i < n; ++i) {
    std::string word;
    for (size_t c = 0; c < 6 + random() % 14; ++c) word += static_cast<char>('a' + random() % 26);
    words.push_back(word + std::to_string(i));
  }
  return words;
}

void FoldUtf16(benchmark::State& state) {
  const std::string wide = Utf16(kCommand);
  std::string out;
  for (auto _ : state) {
    out.clear();
    spoor::AppendUtf16Folded(reinterpret_cast<const uint8_t*>(wide.data()), wide.size(), &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * wide.size()));
}
BENCHMARK(FoldUtf16);

void MemoHit(benchmark::State& state) {
  spoor::MemoBudget budget(64 << 20);
  spoor::ValueMemo memo(&budget);
  std::vector<std::string> values;
  for (int i = 0; i < state.range(0); ++i) values.push_back(Utf16(kCommand + std::to_string(i)));
  const auto value = [](const std::string& s) {
    return Value{reinterpret_cast<const uint8_t*>(s.data()), static_cast<uint32_t>(s.size()), ValueType::kUtf16};
  };
  for (const std::string& v : values) {
    const spoor::Hash128 key = spoor::ValueMemo::KeyOf(value(v));
    if (memo.Find(key) == nullptr) memo.Insert(key, {}, [] { return spoor::Verdict(); });
  }
  size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(memo.Find(spoor::ValueMemo::KeyOf(value(values[at]))));
    if (++at == values.size()) at = 0;
  }
}
BENCHMARK(MemoHit)->Arg(10)->Arg(1000);

void ScanLiterals(benchmark::State& state) {
  spoor::SetCacheFolder("");
  const std::vector<std::string> words = Words(static_cast<size_t>(state.range(0)));
  const auto database = spoor::LiteralDatabase::Make({words.begin(), words.end()});
  spoor::LiteralScratch scratch;
  if (!database.ok() || !(*database)->Prepare(&scratch).ok()) return state.SkipWithError("no database");
  const std::string text = spoor::Folded(kCommand);
  size_t hits = 0;
  for (auto _ : state) (*database)->Scan(text, &scratch, [&](uint32_t) { ++hits; });
  benchmark::DoNotOptimize(hits);
  state.SetBytesProcessed(static_cast<int64_t>(state.iterations() * text.size()));
}
BENCHMARK(ScanLiterals)->Arg(10)->Arg(999)->Arg(1000)->Arg(10000);

void FindSuffix(benchmark::State& state) {
  std::vector<std::string> words = Words(static_cast<size_t>(state.range(0)));
  for (std::string& w : words) w = "\\" + w + ".exe";
  words.push_back("\\powershell.exe");
  spoor::AffixTrie trie;
  trie.Build({words.begin(), words.end()}, spoor::AffixTrie::kSuffix);
  const std::string text = "c:\\windows\\system32\\windowspowershell\\v1.0\\powershell.exe";
  size_t hits = 0;
  for (auto _ : state) trie.Find(text, [&](uint32_t) { ++hits; });
  benchmark::DoNotOptimize(hits);
}
BENCHMARK(FindSuffix)->Arg(100)->Arg(10000);

}  // namespace
