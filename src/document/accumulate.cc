#include "document/accumulate.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "json/number.h"

namespace weir::document {
namespace {

json::Kind kind_of(std::string_view raw) {
  return Capture{raw}.kind();
}

bool has_escape(std::string_view raw) {
  return raw.find('\\') != std::string_view::npos;
}

// The order of json::compare() on JSON texts; nullopt for what has to be taken apart first.
std::optional<int> compare_texts(std::string_view a, std::string_view b) {
  const json::Kind kind = kind_of(a);
  if (const json::Kind other = kind_of(b); kind != other) return kind < other ? -1 : 1;
  switch (kind) {
    case json::Kind::kNull: return 0;
    case json::Kind::kBool: return a == b ? 0 : a.front() == 'f' ? -1 : 1;
    case json::Kind::kNumber: return json::compare_numbers(a, b);
    case json::Kind::kString:
      if (has_escape(a) || has_escape(b)) return std::nullopt;
      // Without the closing quotes: a prefix is smaller.
      return a.substr(0, a.size() - 1).compare(b.substr(0, b.size() - 1));
    case json::Kind::kArray:
    case json::Kind::kObject: return std::nullopt;
  }
  return std::nullopt;
}

// A number, or a string of one as it may stand in JSON text.
std::optional<json::Value> summable(std::string_view raw) {
  const json::Kind kind = kind_of(raw);
  if (kind == json::Kind::kNumber) return json::Value::number(raw);
  if (kind != json::Kind::kString) return std::nullopt;
  const auto value = json::Value::string(raw.substr(1, raw.size() - 2));
  if (!is_summable(value)) return std::nullopt;
  return value;
}

}  // namespace

std::uint32_t Slots::add(std::span<const Capture> captures) {
  // Where nothing has a slot, all sets are the same empty one.
  if (specs_.empty()) return 0;
  const auto number = static_cast<std::uint32_t>(slots_.size() / specs_.size());
  for (const SlotSpec& spec : specs_) {
    Slot& slot = slots_.emplace_back();
    if (captures[spec.capture].present()) set_text(slot, captures[spec.capture].raw);
  }
  return number;
}

void Slots::set_text(Slot& slot, std::string_view text) {
  const auto size = static_cast<std::uint32_t>(text.size());
  if (size <= Slot::kInlineMax) {
    slot.state = Slot::State::kInline;
    std::memcpy(slot.bytes, text.data(), size);
  } else {
    if (slot.state != Slot::State::kText || slot.text.capacity < size) {
      slot.text.capacity = size + size / 4;
      slot.text.data = arena_.array<char>(slot.text.capacity);
      slot.state = Slot::State::kText;
    }
    std::memcpy(slot.text.data, text.data(), size);
  }
  slot.size = size;
}

bool Slots::reduce(std::uint32_t number, std::span<const Capture> captures) {
  Slot* const slots = slots_.data() + number * specs_.size();
  changes_.resize(specs_.size());
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const Capture& capture = captures[specs_[i].capture];
    changes_[i].kind = Change::Kind::kNone;
    if (capture.present() && !plan(specs_[i].op, slots[i], capture, &changes_[i])) return false;
  }
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    switch (changes_[i].kind) {
      case Change::Kind::kNone: break;
      case Change::Kind::kCapture: set_text(slots[i], captures[specs_[i].capture].raw); break;
      case Change::Kind::kText: set_text(slots[i], changes_[i].text); break;
      case Change::Kind::kSum:
        slots[i].state = Slot::State::kSum;
        slots[i].sum = changes_[i].sum;
        break;
    }
  }
  return true;
}

bool Slots::plan(SlotOp op, const Slot& slot, const Capture& capture, Change* change) {
  if (op == SlotOp::kSum) return plan_sum(slot, capture, change);
  if (slot.state == Slot::State::kAbsent) {
    change->kind = Change::Kind::kCapture;
    return true;
  }
  if (op == SlotOp::kFirst) return true;
  const auto order = compare_texts(slot.view(), capture.raw);
  if (!order) return false;
  const bool keep = op == SlotOp::kMinimize ? *order < 0 : *order > 0;
  if (!keep) change->kind = Change::Kind::kCapture;
  return true;
}

bool Slots::plan_sum(const Slot& slot, const Capture& capture, Change* change) {
  if (capture.kind() == json::Kind::kNumber) {
    change->kind = Change::Kind::kSum;
    if (slot.state == Slot::State::kSum) {
      change->sum = slot.sum;
      if (change->sum.add(capture.raw)) return true;
    } else if (slot.state == Slot::State::kInline && kind_of(slot.view()) == json::Kind::kNumber) {
      if (change->sum.start(slot.view()) && change->sum.add(capture.raw)) return true;
    }
  }
  return plan_sum_of_texts(slot, capture, change);
}

bool Slots::plan_sum_of_texts(const Slot& slot, const Capture& capture, Change* change) {
  const auto term = summable(capture.raw);
  if (!term) return false;
  if (slot.state == Slot::State::kAbsent) {
    change->kind = Change::Kind::kCapture;
    return true;
  }
  change->kind = Change::Kind::kText;
  change->text.clear();
  if (slot.state == Slot::State::kSum) {
    slot.sum.append_text(change->text);
  } else {
    change->text = slot.view();
  }
  const auto so_far = summable(change->text);
  if (!so_far) return false;
  json::Arena scratch;
  const auto total = add_values(scratch, *so_far, *term);
  if (!total) return false;
  change->text = json::to_text(*total);
  return true;
}

void Slots::write(std::uint32_t number, std::string_view document,
                  std::span<const Capture> captures, std::string& out) const {
  std::vector<std::pair<std::string_view, const Slot*>> places;
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const Capture& capture = captures[specs_[i].capture];
    if (capture.present()) places.emplace_back(capture.raw, &slots_[number * specs_.size() + i]);
  }
  std::sort(places.begin(), places.end(),
            [](const auto& a, const auto& b) { return a.first.data() < b.first.data(); });
  const char* from = document.data();
  for (const auto& [raw, slot] : places) {
    out.append(from, raw.data());
    if (slot->state == Slot::State::kSum) {
      slot->sum.append_text(out);
    } else {
      out.append(slot->view());
    }
    from = raw.data() + raw.size();
  }
  out.append(from, document.data() + document.size());
}

void Slots::clear() {
  slots_ = {};
}

}  // namespace weir::document
