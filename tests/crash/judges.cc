#include "tests/crash/judges.h"

#include <fmt/core.h>

#include <algorithm>

#include "json/events.h"
#include "json/number.h"

namespace weir::judges {
namespace {

std::int64_t integer(const json::Value& root, std::string_view name) {
  const json::Value* value = root.find(name);
  return value != nullptr && value->is_number() ? json::to_int64(value->number_text()).value_or(0)
                                                : 0;
}

std::map<std::int64_t, std::int64_t> sums_of(const std::vector<std::string>& documents) {
  std::map<std::int64_t, std::int64_t> out;
  for (const std::string& text : documents) {
    const auto tree = json::parse_tree(text, json::Duplicates::kLastWins);
    if (tree) out[integer(tree->root, "id")] += integer(tree->root, "total");
  }
  return out;
}

std::vector<std::string> judge_tiles(const std::string& trigger,
                                     const std::map<std::string, Seen>& accepted,
                                     std::uint64_t committed) {
  std::vector<const Seen*> ranges;
  for (const auto& [id, seen] : accepted) {
    if (seen.trigger == trigger) ranges.push_back(&seen);
  }
  std::sort(ranges.begin(), ranges.end(),
            [](const Seen* a, const Seen* b) { return a->after < b->after; });
  std::vector<std::string> broken;
  std::uint64_t at = 0;
  for (const Seen* range : ranges) {
    if (range->after != at) {
      broken.push_back(
          fmt::format("{}: ({}, {}] follows {}", trigger, range->after, range->through, at));
    }
    at = range->through;
  }
  if (at != committed)
    broken.push_back(fmt::format("{}: told up to {} of {}", trigger, at, committed));
  return broken;
}

}  // namespace

Seen read(const testing::SeenRequest& request, bool accepted, std::vector<std::string>& broken) {
  Seen out;
  out.id = request.header("webhook-id");
  out.key = request.header("Idempotency-Key");
  out.body = request.body;
  out.accepted = accepted;
  const auto tree = json::parse_tree(request.body);
  const json::Value* range = tree ? tree->root.find("range") : nullptr;
  const json::Value* trigger = tree ? tree->root.find("trigger") : nullptr;
  if (range == nullptr || !range->is_array() || range->size() != 2 || trigger == nullptr) {
    broken.push_back("a body that is not of the template: " + request.body);
    return out;
  }
  out.trigger = trigger->as_string();
  out.after = json::to_uint64(range->items()[0].number_text()).value_or(0);
  out.through = json::to_uint64(range->items()[1].number_text()).value_or(0);
  return out;
}

std::vector<std::string> judge_rows(const std::vector<std::string>& documents,
                                    const std::vector<std::string>& rows) {
  std::vector<std::string> broken;
  const auto want = sums_of(documents);
  const auto have = sums_of(rows);
  if (rows.size() != have.size())
    broken.push_back(fmt::format("{} rows of {} keys", rows.size(), have.size()));
  for (const auto& [id, total] : want) {
    const auto found = have.find(id);
    if (found == have.end()) {
      broken.push_back(fmt::format("row {} is missing", id));
    } else if (found->second != total) {
      broken.push_back(fmt::format("row {} has {}, want {}", id, found->second, total));
    }
  }
  for (const auto& [id, total] : have) {
    if (want.count(id) == 0) broken.push_back(fmt::format("row {} is of no document", id));
  }
  return broken;
}

std::vector<std::string> judge_requests(const std::vector<Seen>& seen,
                                        const std::set<std::string>& triggers,
                                        std::uint64_t committed) {
  std::vector<std::string> broken;
  std::map<std::string, std::string> words;
  std::map<std::string, Seen> accepted;
  for (const Seen& one : seen) {
    const auto [found, added] = words.try_emplace(one.key, one.body);
    if (!added && found->second != one.body) broken.push_back("two bodies under " + one.key);
    if (one.accepted) accepted.try_emplace(one.id, one);
  }
  for (const Seen& one : seen) {
    // Whatever was shown is of a committed range, and so is accepted in the end.
    if (accepted.count(one.id) == 0) {
      broken.push_back(fmt::format("phantom: {} ({}, {}]", one.trigger, one.after, one.through));
    }
  }
  for (const std::string& trigger : triggers) {
    for (std::string& line : judge_tiles(trigger, accepted, committed))
      broken.push_back(std::move(line));
  }
  return broken;
}

}  // namespace weir::judges
