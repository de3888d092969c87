#include "json/pointer.h"

#include "json/number.h"

namespace weir::json {

Result<Pointer> Pointer::parse(std::string_view text) {
  std::vector<std::string> tokens;
  if (text.empty()) return Pointer(std::move(tokens));
  if (text[0] != '/') {
    return error(Code::kInvalid, "a JSON pointer is empty or starts with '/', unlike \"{}\"", text);
  }
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '/') {
      tokens.emplace_back();
      continue;
    }
    if (text[i] != '~') {
      tokens.back() += text[i];
      continue;
    }
    const char next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (next != '0' && next != '1') {
      return error(Code::kInvalid, "in the JSON pointer \"{}\", write ~0 for '~' and ~1 for '/'",
                   text);
    }
    tokens.back() += next == '0' ? '~' : '/';
    ++i;
  }
  return Pointer(std::move(tokens));
}

const Value* Pointer::find(const Value& root) const {
  const Value* at = &root;
  for (const std::string& token : tokens_) {
    if (at->is_array()) {
      const auto index = array_index(token);
      if (!index || *index >= at->items().size()) return nullptr;
      at = &at->items()[*index];
    } else {
      at = at->find(token);
      if (at == nullptr) return nullptr;
    }
  }
  return at;
}

Pointer Pointer::child(std::string_view token) const {
  std::vector<std::string> tokens = tokens_;
  tokens.emplace_back(token);
  return Pointer(std::move(tokens));
}

std::string Pointer::text() const {
  std::string out;
  for (const std::string& token : tokens_) append_token(out, token);
  return out;
}

void append_token(std::string& pointer, std::string_view token) {
  pointer += '/';
  for (const char c : token) {
    if (c == '~') {
      pointer += "~0";
    } else if (c == '/') {
      pointer += "~1";
    } else {
      pointer += c;
    }
  }
}

std::optional<std::size_t> array_index(std::string_view token) {
  if (token.empty() || token[0] == '-') return std::nullopt;
  return to_uint64(token);
}

}  // namespace weir::json
