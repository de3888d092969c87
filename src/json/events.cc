// A tree from events: containers under construction rest on stacks and move to the arena once
// complete.
#include "json/events.h"

#include <algorithm>

namespace weir::json {

TreeBuilder::TreeBuilder(Arena& arena, Duplicates duplicates)
    : arena_(arena), duplicates_(duplicates) {}

bool TreeBuilder::fail(std::string message, Place place) {
  error_ = std::move(message);
  error_place_ = place;
  return false;
}

bool TreeBuilder::add(Value value, Place place) {
  value.set_place(place);
  if (frames_.empty()) {
    if (done_) return fail("more than one value", place);
    root_ = value;
    done_ = true;
  } else if (frames_.back().object) {
    WEIR_CHECK(!names_.empty());
    members_.push_back({names_.back().first, value, names_.back().second});
    names_.pop_back();
  } else {
    values_.push_back(value);
  }
  return true;
}

bool TreeBuilder::null(Place place) {
  return add(Value(), place);
}

bool TreeBuilder::boolean(bool value, Place place) {
  return add(Value::boolean(value), place);
}

bool TreeBuilder::number(std::string_view text, Place place) {
  return add(Value::number(arena_.copy(text)), place);
}

bool TreeBuilder::string(std::string_view text, Place place) {
  return add(Value::copied_string(arena_, text), place);
}

bool TreeBuilder::begin(bool object, Place place) {
  if (frames_.size() >= kDepthMax) {
    return fail(fmt::format("nested deeper than {} levels", kDepthMax), place);
  }
  frames_.push_back({object, place, object ? members_.size() : values_.size()});
  return true;
}

bool TreeBuilder::begin_array(Place place) {
  return begin(false, place);
}

bool TreeBuilder::end_array() {
  WEIR_CHECK(!frames_.empty() && !frames_.back().object);
  const Frame frame = frames_.back();
  frames_.pop_back();
  const std::size_t count = values_.size() - frame.start;
  Value* items = arena_.array<Value>(count);
  std::uninitialized_copy(values_.end() - static_cast<std::ptrdiff_t>(count), values_.end(), items);
  values_.resize(frame.start);
  return add(Value::array({items, count}), frame.place);
}

bool TreeBuilder::begin_object(Place place) {
  return begin(true, place);
}

bool TreeBuilder::name(std::string_view name, Place place) {
  names_.emplace_back(arena_.copy(name), place);
  return true;
}

bool TreeBuilder::settle_duplicates(std::size_t start) {
  const std::span<Member> members(members_.data() + start, members_.size() - start);
  std::vector<std::uint32_t> order(members.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return members[a].name < members[b].name; });
  std::vector<bool> dropped(members.size());
  std::size_t count = 0;
  for (std::size_t i = 1; i < order.size(); ++i) {
    const Member& earlier = members[order[i - 1]];
    const Member& later = members[order[i]];
    if (earlier.name != later.name) continue;
    if (duplicates_ == Duplicates::kRefuse) {
      return fail(fmt::format("the name \"{}\" stands twice in this object, first at {}:{}",
                              later.name, earlier.place.line, earlier.place.column),
                  later.place);
    }
    dropped[order[i - 1]] = true;
    ++count;
  }
  if (count == 0) return true;
  std::size_t out = 0;
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (!dropped[i]) members[out++] = members[i];
  }
  members_.resize(start + out);
  return true;
}

bool TreeBuilder::end_object() {
  WEIR_CHECK(!frames_.empty() && frames_.back().object);
  const Frame frame = frames_.back();
  frames_.pop_back();
  bool unique = members_.size() - frame.start <= 8;
  for (std::size_t i = frame.start; unique && i < members_.size(); ++i) {
    for (std::size_t j = frame.start; unique && j < i; ++j) {
      unique = members_[i].name != members_[j].name;
    }
  }
  if (!unique && !settle_duplicates(frame.start)) return false;
  const std::size_t count = members_.size() - frame.start;
  Member* members = arena_.array<Member>(count);
  std::uninitialized_copy(members_.end() - static_cast<std::ptrdiff_t>(count), members_.end(),
                          members);
  members_.resize(frame.start);
  return add(Value::object({members, count}), frame.place);
}

Value TreeBuilder::take() {
  WEIR_CHECK(done_);
  WEIR_CHECK(frames_.empty());
  done_ = false;
  return root_;
}

}  // namespace weir::json
