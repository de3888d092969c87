#include "document/key_candidates.h"

#include <xxhash.h>

#include <algorithm>

#include "base/text.h"
#include "json/format.h"
#include "json/number.h"
#include "json/pointer.h"

namespace weir::document {
namespace {

constexpr std::string_view kMeta = "_meta";
constexpr std::size_t kWordyBytes = 64;  // longer texts are prose rather than names

constexpr std::string_view kKeyNames[] = {"id", "_id", "key", "uuid", "guid", "pk"};
constexpr std::string_view kKeyEndings[] = {"id",   "key",    "uuid",   "guid", "code", "sku",
                                            "slug", "number", "serial", "isbn", "ean"};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}

// customer_id, customerId, CustomerID: the ending stands as a word of its own.
bool ends_in_word(std::string_view name, std::string_view word) {
  if (name.size() <= word.size() || lower(name.substr(name.size() - word.size())) != word)
    return false;
  const char before = name[name.size() - word.size() - 1];
  const char first = name[name.size() - word.size()];
  const bool letter = (before >= 'a' && before <= 'z') || (before >= 'A' && before <= 'Z');
  return !letter || (first >= 'A' && first <= 'Z');
}

bool is_time(std::string_view text) {
  static const json::FormatCheck kDateTime = json::find_format("date-time");
  static const json::FormatCheck kDate = json::find_format("date");
  static const json::FormatCheck kTime = json::find_format("time");
  return kDateTime(text) || kDate(text) || kTime(text);
}

// Integers that a key can hold as they are.
bool is_key_integer(const json::Value& value) {
  return value.is_number() && (json::to_int64(value.number_text()).has_value() ||
                               json::to_uint64(value.number_text()).has_value());
}

bool all_differ(const std::vector<std::uint64_t>& digests) {
  std::vector<std::uint64_t> sorted(digests);
  std::sort(sorted.begin(), sorted.end());
  return std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end();
}

}  // namespace

void KeyCandidates::add(const json::Value& document) {
  if (documents_ == 0) {
    std::string pointer;
    discover(document, pointer, 1);
  }
  ++documents_;
  for (Location& location : locations_) {
    const auto pointer = json::Pointer::parse(location.pointer);
    take(location, pointer ? pointer->find(document) : nullptr);
  }
  // One that a document lacks is none for good.
  std::erase_if(locations_, [&](const Location& each) { return each.count != documents_; });
}

std::uint64_t KeyCandidates::compared() const {
  return std::min<std::uint64_t>(documents_, kKeyDocumentsMax);
}

// A key is in every document, so the first has it.
void KeyCandidates::discover(const json::Value& object, std::string& pointer, std::size_t depth) {
  if (!object.is_object()) return;
  for (const json::Member& member : object.members()) {
    if (locations_.size() == kKeyLocationsMax) return;
    if (depth == 1 && member.name == kMeta) continue;
    const std::size_t parent = pointer.size();
    json::append_token(pointer, member.name);
    if (member.value.is_object() && depth < kKeyLocationDepthMax) {
      discover(member.value, pointer, depth + 1);
    } else if (member.value.is_string() || is_key_integer(member.value)) {
      Location found;
      found.pointer = pointer;
      found.name = member.name;
      found.depth = depth;
      found.text = member.value.is_string();
      locations_.push_back(std::move(found));
    }
    pointer.resize(parent);
  }
}

void KeyCandidates::take(Location& location, const json::Value* value) {
  if (value == nullptr || value->is_string() != location.text) return;
  if (!location.text && !is_key_integer(*value)) return;
  const std::string_view text = location.text ? value->as_string() : value->number_text();
  if (text.size() > kKeyTextBytesMax) return;
  ++location.count;
  location.longest = std::max(location.longest, text.size());
  location.looks_like_time = location.looks_like_time && location.text && is_time(text);
  if (location.digests.size() < kKeyDocumentsMax) {
    location.digests.push_back(XXH3_64bits(text.data(), text.size()));
  }
}

// Smaller is better. Alone, a number is more often a key than a text; of two, it is more often what
// was measured than by what.
int KeyCandidates::rank(const Location& location, As as) {
  const std::string name = lower(location.name);
  int points = static_cast<int>(location.depth - 1) * 5;
  const bool named =
      std::find(std::begin(kKeyNames), std::end(kKeyNames), name) != std::end(kKeyNames);
  const bool ends =
      std::any_of(std::begin(kKeyEndings), std::end(kKeyEndings),
                  [&](std::string_view word) { return ends_in_word(location.name, word); });
  if (named) return points;
  points += ends ? 10 : location.text == (as == As::kAlone) ? 30 : 20;
  if (location.looks_like_time && as == As::kAlone) points += 20;
  if (location.longest > kWordyBytes) points += 40;
  return points;
}

std::vector<const KeyCandidates::Location*> KeyCandidates::ranked(As as) const {
  std::vector<const Location*> all;
  for (const Location& location : locations_) all.push_back(&location);
  std::stable_sort(all.begin(), all.end(), [as](const Location* a, const Location* b) {
    return rank(*a, as) < rank(*b, as);
  });
  return all;
}

std::vector<std::string> KeyCandidates::best(
    const std::function<bool(const std::string& pointer)>& admits) const {
  if (documents_ == 0) return {};
  const auto admitted = [&](As as) {
    std::vector<const Location*> all = ranked(as);
    std::erase_if(all, [&](const Location* each) { return admits && !admits(each->pointer); });
    return all;
  };
  for (const Location* each : admitted(As::kAlone)) {
    if (all_differ(each->digests)) return {each->pointer};
  }
  std::vector<const Location*> all = admitted(As::kOneOfTwo);
  if (all.size() > kKeyPairLocationsMax) all.resize(kKeyPairLocationsMax);
  std::vector<std::uint64_t> both;
  for (std::size_t second = 1; second < all.size(); ++second) {
    for (std::size_t first = 0; first < second; ++first) {
      both.resize(all[first]->digests.size());
      for (std::size_t i = 0; i < both.size(); ++i) {
        const std::uint64_t pair[] = {all[first]->digests[i], all[second]->digests[i]};
        both[i] = XXH3_64bits(pair, sizeof pair);
      }
      if (all_differ(both)) return {all[first]->pointer, all[second]->pointer};
    }
  }
  return {};
}

}  // namespace weir::document
