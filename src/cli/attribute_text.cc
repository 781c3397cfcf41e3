#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "cli/attribute_render.h"

namespace spoor {
namespace {

constexpr size_t kMatrixColumns = 24;  // of the table; JSON has all

std::string Visible(std::string_view text) {
  std::string out;
  AppendVisible(text, &out);
  return out;
}

std::string NameOf(const Hypothesis& h) {
  if (h.actor == nullptr) return "none of these";
  std::string out = Visible(h.actor->name) + " (" + Visible(h.actor->id);
  for (size_t i = 0; i < h.actor->aliases.size() && i < 2; ++i) out += ", " + Visible(h.actor->aliases[i]);
  return out + ")";
}

std::string Short(const Hypothesis& h) { return h.actor == nullptr ? "none of these" : Visible(h.actor->name); }

// "4.2 times" or "1/3.1": how much likelier.
std::string Factor(double log_ratio) {
  const double factor = std::exp(std::fabs(log_ratio));
  const std::string number = factor < 10 ? fmt::format("{:.1f}", factor) : fmt::format("{:.0f}", factor);
  return log_ratio >= 0 ? "x" + number : "/" + number;
}

const char* Mark(double log_ratio) {
  if (log_ratio > std::log(4)) return "++";
  if (log_ratio > kSpeaks) return "+";
  if (log_ratio < -std::log(4)) return "--";
  return log_ratio < -kSpeaks ? "-" : ".";
}

std::string ThingName(ColumnKind kind, const std::string& id, const std::string& name) {
  if (kind == ColumnKind::kTrait) return Visible(id) + " = " + Visible(name);
  return id.empty() ? Visible(name) : Visible(id) + " " + Visible(name);
}

class Text {
 public:
  explicit Text(const AttributionShown& shown) : s_(shown), c_(shown.comparison) {}

  std::string All() {
    Head();
    Matrix();
    Observations();
    for (const size_t r : shown_) Because(c_.rows[r]);
    Apart();
    out_ +=
        "\nA likeness in behaviour ranks explanations; it does not prove one. The percentages hold under the\n"
        "assumptions of docs/attribution.md, among actors that are publicly described.\n";
    out_ += std::string(kAttackNotice) + "\n";
    return std::move(out_);
  }

 private:
  void Head() {
    out_ +=
        fmt::format("{} observation{}, held against {} actors of ATT&CK and profiles ({} with a profile)\n",
                    c_.columns.size(), c_.columns.size() == 1 ? "" : "s", s_.knowledge.actors().size(), s_.profiles);
    if (!s_.visible.empty()) {
      out_ += "The evidence could have shown only:";
      for (const std::string& v : s_.visible) out_ += " " + Visible(v);
      out_ += '\n';
    }
    if (s_.bare) {
      out_ +=
          "Techniques and nothing else: this may be a list taken from an actor's own page, and is read that way, too.\n"
          "Where it is what was seen, say so with the software, or with --visible: the answer is more careful then.\n";
    }
    if (c_.columns.size() < 5) {
      out_ += "Fewer than five observations: with so little, whatever stands first is little more than a guess.\n";
    }
  }

  // Hypotheses as rows, observations as columns.
  void Matrix() {
    const size_t columns = std::min(kMatrixColumns, c_.columns.size());
    out_ += fmt::format("\n{:>9}  {:<44}", "", "hypothesis");
    for (size_t i = 0; i < columns; ++i) out_ += fmt::format("{:>3}", i + 1);
    out_ += '\n';
    double rest = 1;
    size_t actors = 0, left = 0;
    for (size_t r = 0; r < c_.rows.size(); ++r) {
      const Hypothesis& h = c_.rows[r].hypothesis;
      if (h.actor != nullptr && actors++ >= s_.hypotheses) {
        ++left;
        continue;
      }
      if (h.actor != nullptr) shown_.push_back(r);
      rest -= h.probability;
      std::string name = NameOf(h);
      if (DisplayWidth(name) > 44) name = Short(h) + (h.actor == nullptr ? "" : " (" + Visible(h.actor->id) + ")");
      out_ += fmt::format("{:>9}  {}{}", Percent(h.probability), name,
                          std::string(static_cast<size_t>(std::max(1, 44 - DisplayWidth(name))), ' '));
      for (size_t i = 0; i < columns; ++i) {
        out_ += fmt::format("{:>3}", h.actor == nullptr ? "." : Mark(h.weights[i].log_ratio));
      }
      out_ += '\n';
    }
    if (left > 0) out_ += fmt::format("{:>9}  the {} others together\n", Percent(std::max(0.0, rest)), left);
    out_ +=
        "           ++ at least 4 times as likely as if it were none of these, + likelier, . about as likely,\n"
        "           - less likely, -- at most a quarter as likely\n";
    if (columns < c_.columns.size()) {
      out_ += fmt::format("           (the first {} observations; -f json has all)\n", columns);
    }
  }

  void Observations() {
    out_ += "\nObserved\n";
    for (size_t i = 0; i < c_.columns.size(); ++i) {
      const Column& c = c_.columns[i];
      out_ += fmt::format("  {:>3}  {}", i + 1, ThingName(c.kind, c.id, c.name));
      if (c.certainty < 1) out_ += fmt::format(", certain to {:.0f} %", 100 * c.certainty);
      if (!c.how.empty()) out_ += "  (" + Visible(c.how) + ")";
      out_ += '\n';
    }
  }

  void Because(const Row& row) {
    const Hypothesis& h = row.hypothesis;
    out_ += fmt::format("\n{}: {} (before any observation {})\n", NameOf(h), Percent(h.probability), Percent(h.prior));
    const auto list = [&](const char* what, const std::vector<size_t>& columns) {
      out_ += fmt::format("  {:<9}", what);
      if (columns.empty()) out_ += "nothing";
      for (size_t i = 0; i < columns.size() && i < 8; ++i) {
        const Column& c = c_.columns[columns[i]];
        out_ += fmt::format("{}{} {}", i == 0 ? "" : ", ",
                            c.kind == ColumnKind::kTechnique ? c.id : ThingName(c.kind, c.id, c.name),
                            Factor(h.weights[columns[i]].log_ratio));
      }
      if (columns.size() > 8) out_ += fmt::format(" and {} more", columns.size() - 8);
      out_ += '\n';
    };
    list("for", row.speaks_for);
    list("against", row.speaks_against);
    if (row.missing.empty()) return;
    out_ += "  missing  known of it and not seen:";
    for (size_t i = 0; i < row.missing.size(); ++i) out_ += (i == 0 ? " " : ", ") + Visible(row.missing[i].id);
    out_ += '\n';
  }

  void Apart() {
    if (c_.rows.size() < 2) return;
    const Hypothesis &a = c_.rows[0].hypothesis, &b = c_.rows[1].hypothesis;
    out_ += fmt::format("\nWhat would tell {} and {} apart\n", Short(a), Short(b));
    if (c_.tell_apart.empty()) out_ += "  nothing that is publicly known of them\n";
    for (const bool first : {true, false}) {
      for (const Unseen& u : c_.tell_apart) {
        if (u.first != first) continue;
        out_ += fmt::format("  {:<5} for {}: {}{}\n", Factor(std::log(u.ratio)), Short(first ? a : b),
                            ThingName(u.kind, u.id, u.name), u.visible ? "" : "  (this evidence could not show it)");
      }
    }
  }

  const AttributionShown& s_;
  const Comparison& c_;
  std::string out_;
  std::vector<size_t> shown_;
};

}  // namespace

std::string Percent(double probability) {
  const double percent = 100 * probability;
  if (percent < 0.1) return "< 0.1 %";
  if (percent > 99.9) return "> 99.9 %";
  return percent < 1 || percent > 99 ? fmt::format("{:.1f} %", percent) : fmt::format("{:.0f} %", percent);
}

std::string AttributionText(const AttributionShown& shown) { return Text(shown).All(); }

}  // namespace spoor
