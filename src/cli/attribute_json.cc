#include <fmt/format.h>

#include <cmath>

#include "base/text.h"
#include "cli/attribute_render.h"

namespace spoor {
namespace {

// Six digits: what is behind them depends on the machine's mathematics.
std::string Number(double value) { return fmt::format("{:.6g}", value); }

std::string Texts(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const std::string& t : texts) out += (out.size() > 1 ? "," : "") + JsonString(t);
  return out + "]";
}

std::string ColumnJson(const Column& c, size_t number) {
  std::string out = fmt::format("{{\"n\":{},\"kind\":\"{}\"", number, ColumnKindName(c.kind));
  if (!c.id.empty()) out += ",\"id\":" + JsonString(c.id);
  out += ",\"name\":" + JsonString(c.name) + ",\"certainty\":" + Number(c.certainty);
  if (!c.how.empty()) out += ",\"how\":" + JsonString(c.how);
  return out + "}";
}

std::string Numbers(const std::vector<size_t>& columns) {
  std::string out = "[";
  for (const size_t c : columns) out += fmt::format("{}{}", out.size() > 1 ? "," : "", c + 1);
  return out + "]";
}

std::string UnseenJson(const Unseen& u) {
  std::string out = fmt::format("{{\"kind\":\"{}\"", ColumnKindName(u.kind));
  if (!u.id.empty()) out += ",\"id\":" + JsonString(u.id);
  return out + ",\"name\":" + JsonString(u.name);
}

std::string RowJson(const Row& row, size_t rank) {
  const Hypothesis& h = row.hypothesis;
  std::string out = fmt::format("{{\"rank\":{},", rank);
  if (h.actor == nullptr) {
    out += "\"name\":\"none of these\",\"none\":true";
  } else {
    out += "\"id\":" + JsonString(h.actor->id) + ",\"name\":" + JsonString(h.actor->name) +
           ",\"aliases\":" + Texts(h.actor->aliases);
  }
  out += ",\"probability\":" + Number(h.probability) + ",\"prior\":" + Number(h.prior);
  if (h.actor == nullptr) return out + "}";
  out += ",\"own\":" + Number(h.own) + ",\"ratios\":[";
  for (size_t i = 0; i < h.weights.size(); ++i) {
    out += (i > 0 ? "," : "") + Number(std::exp(h.weights[i].log_ratio));
  }
  out += "],\"for\":" + Numbers(row.speaks_for) + ",\"against\":" + Numbers(row.speaks_against) + ",\"missing\":[";
  for (size_t i = 0; i < row.missing.size(); ++i) out += (i > 0 ? "," : "") + UnseenJson(row.missing[i]) + "}";
  return out + "]}";
}

std::string KeyOf(const Hypothesis& h) { return JsonString(h.actor == nullptr ? "none of these" : h.actor->id); }

}  // namespace

std::string AttributionJson(const AttributionShown& shown) {
  const Comparison& c = shown.comparison;
  std::string out = "{\"observations\":[";
  for (size_t i = 0; i < c.columns.size(); ++i) out += (i > 0 ? "," : "") + ColumnJson(c.columns[i], i + 1);
  out += "]";
  if (!shown.visible.empty()) out += ",\"visible\":" + Texts(shown.visible);
  out += ",\"hypotheses\":[";
  double rest = 1;
  size_t actors = 0, left = 0;
  for (size_t r = 0; r < c.rows.size(); ++r) {
    const Hypothesis& h = c.rows[r].hypothesis;
    if (h.actor != nullptr && actors++ >= shown.hypotheses) {
      ++left;
      continue;
    }
    out += (out.back() == '[' ? "" : ",") + RowJson(c.rows[r], r + 1);
    rest -= h.probability;
  }
  out += fmt::format("],\"others\":{{\"count\":{},\"probability\":{}}}", left,
                     left == 0 ? "0" : Number(std::max(0.0, rest)));
  if (c.rows.size() > 1) {
    out += ",\"apart\":{\"first\":" + KeyOf(c.rows[0].hypothesis) + ",\"second\":" + KeyOf(c.rows[1].hypothesis) +
           ",\"evidence\":[";
    for (const Unseen& u : c.tell_apart) {
      out += (out.back() == '[' ? "" : ",") + UnseenJson(u) +
             ",\"favours\":" + KeyOf(c.rows[u.first ? 0 : 1].hypothesis) + ",\"ratio\":" + Number(u.ratio) +
             (u.visible ? "}" : ",\"visible\":false}");
    }
    out += "]}";
  }
  if (!shown.notes.empty()) out += ",\"notes\":" + Texts(shown.notes);
  return out + ",\"knowledge\":" + JsonString(kAttackNotice) + "}\n";
}

}  // namespace spoor
