#include "document/extract.h"

#include <algorithm>
#include <limits>

#include "document/uuid.h"
#include "json/events.h"

namespace weir::document {
namespace {

using json::Member;
using json::Value;

constexpr std::size_t kUnlimited = std::numeric_limits<std::size_t>::max();

std::size_t limit_of(std::uint32_t configured) {
  return configured == 0 ? kUnlimited : configured;
}

// At most `bytes` bytes, without splitting a character.
std::string_view cut_text(std::string_view text, std::size_t bytes) {
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xc0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

}  // namespace

Truncation::Truncation(const SerPolicy& policy)
    : string_max_(limit_of(policy.str_truncate_after)),
      members_max_(limit_of(policy.nested_obj_truncate_after)),
      items_max_(limit_of(policy.array_truncate_after)),
      harmless_(std::min({string_max_, members_max_, items_max_})),
      active_(harmless_ != kUnlimited) {}

Value Truncation::document(json::Arena& arena, const Value& root, bool* truncated) const {
  return cut(arena, root, true, truncated);
}

Value Truncation::column(json::Arena& arena, const Value& value, bool* truncated) const {
  return cut(arena, value, false, truncated);
}

Value Truncation::cut(json::Arena& arena, const Value& value, bool root, bool* truncated) const {
  if (value.is_string() && value.size() > string_max_) {
    *truncated = true;
    return Value::string(cut_text(value.as_string(), string_max_));
  }
  if (value.is_array()) {
    const std::size_t count = std::min(value.size(), items_max_);
    if (count < value.size()) *truncated = true;
    Value* items = arena.array<Value>(count);
    for (std::size_t i = 0; i < count; ++i) {
      new (items + i) Value(cut(arena, value.items()[i], false, truncated));
    }
    return Value::array({items, count});
  }
  if (value.is_object()) {
    const std::size_t count = root ? value.size() : std::min(value.size(), members_max_);
    if (count < value.size()) *truncated = true;
    Member* members = arena.array<Member>(count);
    for (std::size_t i = 0; i < count; ++i) {
      const Member& member = value.members()[i];
      new (members + i)
          Member{member.name, cut(arena, member.value, false, truncated), member.place};
    }
    return Value::object({members, count});
  }
  return value;
}

Result<FieldPacker> FieldPacker::compile(const std::vector<Field>& fields, Numbers numbers) {
  FieldPacker packer;
  packer.fields_ = fields;
  packer.numbers_ = numbers;
  for (const Field& field : fields) {
    std::string packed;
    if (field.default_json.empty()) {
      pack_null(packed);
    } else {
      auto tree = json::parse_tree(field.default_json);
      Status status = tree ? pack_value(packed, tree->root, numbers)
                           : Status(tl::unexpected<Error>(std::move(tree).error()));
      if (!status) {
        return tl::unexpected<Error>(with_context(
            fmt::format("the default of {}", field.pointer.text()), std::move(status).error()));
      }
    }
    packer.packed_defaults_.push_back(std::move(packed));
  }
  return packer;
}

bool published_at(std::string_view text, std::string& out) {
  const auto uuid = parse_uuid(text);
  if (!uuid) return false;
  pack_string(out, format_clock(uuid->clock));
  return true;
}

Status FieldPacker::pack_one(std::size_t i, const Value* value, std::string& out) const {
  const Field& field = fields_[i];
  if (field.kind == FieldKind::kTruncated) return pack_bool(out, false), Status{};
  if (value == nullptr) return out += packed_defaults_[i], Status{};
  if (field.kind == FieldKind::kPublishedAt && value->is_string() &&
      published_at(value->as_string(), out)) {
    return {};
  }
  if (Status status = pack_value(out, *value, numbers_); !status) {
    return tl::unexpected<Error>(
        with_context(fmt::format("at {}", field.pointer.text()), std::move(status).error()));
  }
  return {};
}

bool FieldPacker::pack_text(std::size_t i, std::string_view raw, bool plain,
                            std::string& out) const {
  if (raw.empty() || fields_[i].kind != FieldKind::kPlain) return false;
  const char first = raw.front();
  if (first == '"' && plain) {
    pack_string(out, raw.substr(1, raw.size() - 2));
    return true;
  }
  return (first == '-' || (first >= '0' && first <= '9')) && pack_short_number(out, raw, numbers_);
}

Status FieldPacker::pack(const Value& root, std::string& out) const {
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    WEIR_RETURN_IF_ERROR(pack_one(i, fields_[i].pointer.find(root), out));
  }
  return {};
}

Status FieldPacker::pack_truncated(json::Arena& arena, const Truncation& truncation,
                                   const Value& root, bool* truncated, std::string& out) const {
  std::vector<std::size_t> flags;  // where to tell whether anything was cut, once it is known
  for (std::size_t i = 0; i < fields_.size(); ++i) {
    if (fields_[i].kind == FieldKind::kTruncated) flags.push_back(out.size());
    const Value* found = fields_[i].pointer.find(root);
    Value value;
    // A time is read off the whole UUID, and is itself never too long.
    if (fields_[i].kind == FieldKind::kPublishedAt && found != nullptr && found->is_string() &&
        published_at(found->as_string(), out)) {
      continue;
    }
    if (found != nullptr) value = truncation.column(arena, *found, truncated);
    WEIR_RETURN_IF_ERROR(pack_one(i, found != nullptr ? &value : nullptr, out));
  }
  std::string flag;
  pack_bool(flag, *truncated);
  for (const std::size_t at : flags) out[at] = flag[0];
  return {};
}

}  // namespace weir::document
