#include "cli/indicators.h"

#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include "base/text.h"
#include "cli/message.h"
#include "match/indicators.h"

namespace spoor {
namespace {

constexpr size_t kMaxListBytes = size_t{1} << 30;
constexpr size_t kMaxProblemsTold = 20;

// Empty, or why it cannot be read.
std::string ReadList(const std::string& path, std::string* bytes) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "rb"), std::fclose);
  if (file == nullptr) return std::strerror(errno);
  char block[1 << 16];
  while (const size_t n = std::fread(block, 1, sizeof block, file.get())) {
    if (bytes->size() + n > kMaxListBytes) return "a list may have 1 GiB at most";
    bytes->append(block, n);
  }
  return std::ferror(file.get()) != 0 ? std::strerror(errno) : "";
}

std::string TitleOf(const std::string& path) {
  std::string title = "Indicator from ";
  AppendVisible(std::string_view(path).substr(path.rfind('/') + 1), &title);
  return title;
}

}  // namespace

bool AddIndicators(const std::vector<std::string>& files, sigma::RuleSet* rules, size_t* problems) {
  for (const std::string& path : files) {
    std::string bytes;
    if (const std::string wrong = ReadList(path, &bytes); !wrong.empty()) {
      Complain(fmt::format("--ioc: {}: {}", path, wrong));
      return false;
    }
    auto list = std::make_shared<Indicators>();
    std::vector<Indicators::Problem> found;
    list->AddList(bytes, &found);
    list->Seal();
    for (size_t i = 0; i < found.size() && i < kMaxProblemsTold; ++i) {
      Complain(fmt::format("--ioc: {}:{}: {}", path, found[i].line, found[i].message));
    }
    if (found.size() > kMaxProblemsTold) {
      Complain(fmt::format("--ioc: {}: {} more lines are no indicators", path, found.size() - kMaxProblemsTold));
    }
    *problems += found.size();
    if (list->size() == 0) {
      Complain(
          fmt::format("--ioc: {} holds no indicator; it should have one a line: an address, a domain, a hash …", path));
      return false;
    }
    sigma::Rule rule = IndicatorRule(std::move(list), TitleOf(path));
    rule.path = path;
    rule.line = 1;
    rules->rules.push_back(std::move(rule));
  }
  return true;
}

void AddIndicatorFlag(CLI::App* app, std::vector<std::string>* files) {
  app->add_option("--ioc", *files,
                  "Look for the indicators that FILE lists, one a line: addresses, networks, domains, hashes, mail "
                  "addresses, URLs, paths and other texts; repeatable")
      ->type_name("FILE")
      ->allow_extra_args(false);
}

}  // namespace spoor
