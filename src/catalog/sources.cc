#include "catalog/sources.h"

#include "base/text.h"
#include "catalog/paths.h"

namespace weir::catalog {

std::string SourceFile::folder() const {
  return folder_of(path);
}

// Texts in quotation marks are kept only where they look like the name of a member.
std::string without_quotations(std::string_view message) {
  std::string out;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (c != '"' && c != '`') {
      out += c;
      continue;
    }
    const std::size_t end = message.find(c, i + 1);
    if (end == std::string_view::npos) return out + "…";
    const std::string_view inside = message.substr(i + 1, end - i - 1);
    out += looks_like_a_name(inside) && message.starts_with("the name")
               ? fmt::format("\"{}\"", inside)
               : "\"…\"";
    i = end;
  }
  return out;
}

const SourceFile* Sources::open(const std::string& path, const Location& from, Mention mention) {
  const std::string shown = mention == Mention::kPath ? path : "the file that this names";
  if (const auto it = files_.find(path); it != files_.end()) {
    return it->second->parsed ? it->second.get() : nullptr;
  }
  if (files_.size() >= kFilesMax) {
    problems_.add("E103", from, fmt::format("the catalog has more than {} files", kFilesMax));
    return nullptr;
  }
  auto text = options_.files->read(path);
  if (!text && text.error().code == Code::kNotFound) {
    problems_.add("E102", from,
                  mention == Mention::kPath
                      ? fmt::format("there is no file {}", path)
                      : std::string("the file that this names does not exist"));
    return nullptr;
  }
  auto file = std::make_unique<SourceFile>();
  file->path = path;
  if (!text) {
    problems_.add("E103", from,
                  fmt::format("{} cannot be read{}{}", shown, mention == Mention::kPath ? ": " : "",
                              mention == Mention::kPath ? text.error().message : ""));
  } else if (text->size() > kFileBytesMax) {
    problems_.add("E103", from,
                  fmt::format("{} is larger than {} MiB", shown, kFileBytesMax >> 20));
  } else {
    file->text = *std::move(text);
    parse(*file);
  }
  order_.push_back(path);
  const SourceFile* opened = file->parsed ? file.get() : nullptr;
  files_.emplace(path, std::move(file));
  return opened;
}

void Sources::parse(SourceFile& file) {
  if (!valid_utf8(file.text)) {
    problems_.add("E101", {file.path, {1, 1}, ""}, "the file is no UTF-8 text");
    return;
  }
  const bool as_json = has_extension(file.path, ".json") || options_.yaml == nullptr;
  auto root = as_json ? json::parse(file.text, file.arena) : options_.yaml(file.text, file.arena);
  if (!root) {
    problems_.add("E101", {file.path, root.error().place, ""},
                  fmt::format("this is no {}: {}", as_json ? "JSON" : "YAML",
                              without_quotations(root.error().message)));
    return;
  }
  file.root = *root;
  file.parsed = true;
}

}  // namespace weir::catalog
