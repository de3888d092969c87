#include "document/accumulate.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "json/number.h"

namespace weir::document {
namespace {

json::Kind kind_of(std::string_view raw) {
  return Capture{raw, true}.kind();
}

// The order of json::compare() on JSON texts; nullopt for what has to be taken apart first.
std::optional<int> compare_texts(std::string_view a, std::string_view b, bool plain) {
  const json::Kind kind = kind_of(a);
  if (const json::Kind other = kind_of(b); kind != other) return kind < other ? -1 : 1;
  switch (kind) {
    case json::Kind::kNull: return 0;
    case json::Kind::kBool: return a == b ? 0 : a.front() == 'f' ? -1 : 1;
    case json::Kind::kNumber: return json::compare_numbers(a, b);
    case json::Kind::kString:
      if (!plain) return std::nullopt;
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

void SlotProgram::start(Slot* slots, std::span<const Capture> captures) const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const Capture& capture = captures[specs_[i].capture];
    if (!capture.present()) continue;
    if (capture.raw.size() <= Slot::kInlineMax) {
      set_text(slots[i], capture.raw, capture.plain);
      continue;
    }
    slots[i].state = Slot::State::kBorrowed;
    slots[i].plain = capture.plain;
    slots[i].size = static_cast<std::uint32_t>(capture.raw.size());
    slots[i].text.data = const_cast<char*>(capture.raw.data());  // never written while borrowed
  }
}

void SlotProgram::own(Slot* slots) const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (slots[i].state == Slot::State::kBorrowed)
      set_text(slots[i], slots[i].view(), slots[i].plain);
  }
}

void SlotProgram::move_borrowed(Slot* slots, const char* from, const char* to) const {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    if (slots[i].state != Slot::State::kBorrowed) continue;
    slots[i].text.data = const_cast<char*>(to) + (slots[i].text.data - from);
  }
}

void SlotProgram::set_text(Slot& slot, std::string_view text, bool plain) const {
  const auto size = static_cast<std::uint32_t>(text.size());
  if (size <= Slot::kInlineMax) {
    slot.state = Slot::State::kInline;
    std::memcpy(slot.bytes, text.data(), size);
  } else {
    if (slot.state != Slot::State::kOwned || slot.text.capacity < size) {
      slot.text.capacity = size + size / 4;
      slot.text.data = arena_.array<char>(slot.text.capacity);
      slot.state = Slot::State::kOwned;
    }
    std::memcpy(slot.text.data, text.data(), size);
  }
  slot.size = size;
  slot.plain = plain;
}

bool SlotProgram::reduce(Slot* slots, std::span<const Capture> captures) {
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const Capture& capture = captures[specs_[i].capture];
    changes_[i].kind = Change::Kind::kNone;
    if (capture.present() && !plan(specs_[i].op, slots[i], capture, &changes_[i])) return false;
  }
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    switch (changes_[i].kind) {
      case Change::Kind::kNone: break;
      case Change::Kind::kCapture: {
        const Capture& capture = captures[specs_[i].capture];
        set_text(slots[i], capture.raw, capture.plain);
        break;
      }
      case Change::Kind::kText: set_text(slots[i], changes_[i].text, true); break;
      case Change::Kind::kSum:
        slots[i].state = Slot::State::kSum;
        slots[i].sum = changes_[i].sum;
        break;
    }
  }
  return true;
}

bool SlotProgram::plan(SlotOp op, const Slot& slot, const Capture& capture, Change* change) {
  if (op == SlotOp::kSum) return plan_sum(slot, capture, change);
  if (slot.state == Slot::State::kAbsent) {
    change->kind = Change::Kind::kCapture;
    return true;
  }
  if (op == SlotOp::kFirst) return true;
  const auto order = compare_texts(slot.view(), capture.raw, slot.plain && capture.plain);
  if (!order) return false;
  const bool keep = op == SlotOp::kMinimize ? *order < 0 : *order > 0;
  if (!keep) change->kind = Change::Kind::kCapture;
  return true;
}

bool SlotProgram::plan_sum(const Slot& slot, const Capture& capture, Change* change) {
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

bool SlotProgram::plan_sum_of_texts(const Slot& slot, const Capture& capture, Change* change) {
  constexpr std::size_t kScratchMax = 64u << 10;
  if (scratch_.bytes_used() > kScratchMax) scratch_.reset();
  const auto term = summable(capture.raw);
  if (!term) return false;
  if (slot.state == Slot::State::kAbsent) {
    change->kind = Change::Kind::kCapture;
    return true;
  }
  std::string so_far;
  if (slot.state == Slot::State::kSum) {
    slot.sum.append_text(so_far);
  } else {
    so_far = slot.view();
  }
  const auto left = summable(so_far);
  if (!left) return false;
  const auto total = add_values(scratch_, *left, *term);
  if (!total) return false;
  change->kind = Change::Kind::kText;
  change->text = scratch_.copy(json::to_text(*total));
  return true;
}

void SlotProgram::write(const Slot* slots, std::string_view document,
                        std::span<const Capture> captures, std::string& out) const {
  std::vector<std::pair<std::string_view, const Slot*>> places;
  places.reserve(specs_.size());
  for (std::size_t i = 0; i < specs_.size(); ++i) {
    const Capture& capture = captures[specs_[i].capture];
    if (capture.present()) places.emplace_back(capture.raw, &slots[i]);
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

}  // namespace weir::document
