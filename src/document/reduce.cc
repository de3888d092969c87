#include "document/reduce.h"

#include <algorithm>

#include "json/pointer.h"

namespace weir::document {
namespace {

const Reduction kDefault{};

template <typename T>
std::span<const T> keep(json::Arena& arena, const std::vector<T>& stack, std::size_t from) {
  const std::size_t count = stack.size() - from;
  T* kept = arena.array<T>(count);
  std::uninitialized_copy_n(stack.begin() + static_cast<std::ptrdiff_t>(from), count, kept);
  return {kept, count};
}

}  // namespace

void Annotations::assign(const json::Outcome& outcome, const Reductions& reductions) {
  entries_.clear();
  for (const json::Annotation& annotation : outcome.annotations) {
    const Reduction* reduction = reductions.of_site(annotation.site);
    if (reduction != nullptr) entries_.push_back({annotation.instance, reduction});
  }
  std::stable_sort(entries_.begin(), entries_.end(), [](const Entry& a, const Entry& b) {
    return std::less()(a.location, b.location);
  });
}

const Reduction& Annotations::at(const json::Value* location) const {
  const auto after = std::upper_bound(
      entries_.begin(), entries_.end(), location,
      [](const json::Value* v, const Entry& entry) { return std::less()(v, entry.location); });
  if (after == entries_.begin() || (after - 1)->location != location) return kDefault;
  return *(after - 1)->reduction;
}

Reducer::Reducer(json::Arena& arena, Mode mode, Annotated left, Annotated right)
    : arena_(arena), mode_(mode), left_(left), right_(right) {}

Result<std::optional<Reduced>> Reducer::run() {
  Reduced reduced;
  const Reduction& root = right_.annotations->at(right_.value);
  // The root is not removed: what was deleted is still told to the destination.
  if (mode_ == Mode::kFull) {
    reduced.deleted = root.remove;
    if (!root.strategy->reduce(*this, root, left_.value, right_.value, &reduced.value)) {
      return tl::unexpected<Error>(std::move(error_));
    }
    return reduced;
  }
  bool removed = false;
  if (reduce(left_.value, right_.value, &reduced.value, &removed)) return reduced;
  if (apart_) return std::optional<Reduced>();
  return tl::unexpected<Error>(std::move(error_));
}

bool Reducer::reduce(const json::Value* left, const json::Value* right, json::Value* out,
                     bool* removed) {
  const Reduction& reduction = right_.annotations->at(right);
  if (mode_ == Mode::kFull) {
    *removed = reduction.remove;
    return reduction.remove || reduction.strategy->reduce(*this, reduction, left, right, out);
  }
  // What follows a deletion does not build on what was deleted, or no longer counts as deleted: not
  // to be joined.
  if (left != nullptr && left_.annotations != nullptr && left_.annotations->at(left).remove) {
    return keep_apart();
  }
  return reduction.strategy->reduce(*this, reduction, left, right, out);
}

bool Reducer::fail(const Reduction& reduction, std::string_view problem) {
  error_ = Error{
      Code::kInvalid,
      fmt::format("at {}: reduction {} ({}): {}", path_text(), reduction.strategy->name,
                  reduction.schema_location.empty() ? "the default" : reduction.schema_location,
                  problem)};
  return false;
}

bool Reducer::keep_apart() {
  apart_ = true;
  return false;
}

json::Value Reducer::pop_object(std::size_t from) {
  const json::Value object = json::Value::object(keep(arena_, members_, from));
  members_.resize(from);
  return object;
}

json::Value Reducer::pop_array(std::size_t from) {
  const json::Value array = json::Value::array(keep(arena_, items_, from));
  items_.resize(from);
  return array;
}

bool Reducer::push_member(std::string_view name, const json::Value* left,
                          const json::Value* right) {
  json::Member member{name, {}, {}};
  bool removed = false;
  path_.push_back({name});
  if (!reduce(left, right, &member.value, &removed)) return false;
  path_.pop_back();
  if (!removed) members_.push_back(member);
  return true;
}

bool Reducer::push_item(std::size_t index, const json::Value* left, const json::Value* right) {
  json::Value item;
  bool removed = false;
  path_.push_back({{}, index, true});
  if (!reduce(left, right, &item, &removed)) return false;
  path_.pop_back();
  if (!removed) items_.push_back(item);
  return true;
}

std::string Reducer::path_text() const {
  if (path_.empty()) return "the document's root";
  std::string text;
  for (const Step& step : path_) {
    json::append_token(text, step.is_index ? std::to_string(step.index) : step.name);
  }
  return text;
}

}  // namespace weir::document
