#include "app/multipart.h"

#include "base/text.h"

namespace weir::app {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\r')) {
    text.remove_suffix(1);
  }
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return out;
}

// The value of a parameter behind a header's value: `form-data; name="schema"`.
std::string parameter(std::string_view header, std::string_view name) {
  for (const std::string_view piece : split(header, ';')) {
    const std::string_view each = trimmed(piece);
    const std::size_t equals = each.find('=');
    if (equals == std::string_view::npos || lower(trimmed(each.substr(0, equals))) != name)
      continue;
    std::string_view value = trimmed(each.substr(equals + 1));
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    return std::string(value);
  }
  return {};
}

tl::unexpected<Error> bad(std::string_view what) {
  return error(Code::kInvalid, "the multipart body {}", what);
}

}  // namespace

Result<std::vector<FormPart>> parse_form(std::string_view content_type, std::string_view body) {
  const std::string boundary = parameter(content_type, "boundary");
  if (boundary.empty() || boundary.size() > 70) {
    return error(Code::kNotFound, "the content-type names no boundary of 1 to 70 characters");
  }
  const std::string line = "--" + boundary;
  std::vector<FormPart> parts;
  std::size_t at = body.starts_with(line) ? 0 : body.find("\r\n" + line);
  if (at == std::string_view::npos) return bad("does not begin with its boundary");
  if (at != 0) at += 2;
  while (true) {
    at += line.size();
    if (body.substr(at).starts_with("--")) return parts;
    if (!body.substr(at).starts_with("\r\n")) return bad("has a broken boundary");
    at += 2;
    const std::size_t blank = body.find("\r\n\r\n", at);
    if (blank == std::string_view::npos) return bad("has a part without content");
    FormPart part;
    for (const std::string_view header : split(body.substr(at, blank - at), '\n')) {
      const std::size_t colon = header.find(':');
      if (colon == std::string_view::npos) continue;
      if (lower(trimmed(header.substr(0, colon))) == "content-disposition") {
        part.name = parameter(header.substr(colon + 1), "name");
      }
    }
    if (part.name.empty()) return bad("has a part without a name");
    const std::size_t end = body.find("\r\n" + line, blank + 2);
    if (end == std::string_view::npos) return bad("ends within a part");
    part.body = end < blank + 4 ? std::string_view() : body.substr(blank + 4, end - blank - 4);
    if (parts.size() == kPartsMax) return bad("has too many parts");
    parts.push_back(std::move(part));
    at = end + 2;
  }
}

}  // namespace weir::app
