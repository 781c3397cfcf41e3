#include "cli/evidence_flags.h"

#include <optional>

#include "cli/log_source.h"
#include "cli/mapping_file.h"

namespace spoor {
namespace {

// "+02:00", "-0530", "+2", "Z", "UTC": seconds east of UTC.
std::optional<int32_t> ParseOffset(std::string_view text) {
  if (text == "Z" || text == "z" || text == "UTC" || text == "utc") return 0;
  if (text.size() < 2 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  std::string digits;
  for (const char c : text.substr(1)) {
    if (c == ':') continue;
    if (c < '0' || c > '9') return std::nullopt;
    digits += c;
  }
  if (digits.empty() || digits.size() > 4) return std::nullopt;
  if (digits.size() <= 2) digits += "00";
  if (digits.size() == 3) digits.insert(0, "0");
  const int hours = (digits[0] - '0') * 10 + digits[1] - '0', minutes = (digits[2] - '0') * 10 + digits[3] - '0';
  if (hours > 14 || minutes > 59) return std::nullopt;
  return (text[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

}  // namespace

void EvidenceFlags::AddTo(CLI::App* app) {
  app->add_option("--logsource", log_source,
                  "What events are that do not say it themselves, as rules' logsource has it:\n"
                  "product=windows,category=process_creation")
      ->type_name("K=V,...");
  app->add_option("--mapping", mapping,
                  "What the fields of tables and JSON are called in rules, and which log they are from (YAML)")
      ->type_name("FILE");
  app->add_option("--timezone", timezone, "Of times that are written without one: +02:00 (default: UTC)")
      ->type_name("OFFSET");
  app->add_option("--archive-password", archive_passwords, "Opens encrypted archives; repeatable, all are tried")
      ->type_name("PASSWORD")
      ->allow_extra_args(false);
}

std::string EvidenceFlags::Apply(FormatOptions* format, ContainerOptions* container) const {
  if (const std::string wrong = ParseLogSource(log_source, &format->given); !wrong.empty()) {
    return "--logsource: " + wrong + "; write for example product=windows,category=process_creation";
  }
  if (!timezone.empty()) {
    const auto offset = ParseOffset(timezone);
    if (!offset) return "--timezone: '" + timezone + "' is no offset from UTC; write for example +02:00 or -05:30";
    format->utc_offset = *offset;
  }
  if (!mapping.empty()) {
    auto read = ReadMappings(mapping);
    if (!read.ok()) return "--mapping: " + std::string(read.status().message());
    mappings_ = std::make_shared<const Mappings>(*std::move(read));
    format->mappings = mappings_.get();
  }
  container->passwords = archive_passwords;
  return "";
}

}  // namespace spoor
