#include "trigger/expand.h"

namespace weir::trigger {
namespace {

constexpr std::string_view kEnvironment = "env:";
constexpr std::string_view kFile = "file:";

enum class Files { kRead, kSkip };

std::string joined(const std::string& base_dir, std::string_view path) {
  if (base_dir.empty() || path.substr(0, 1) == "/") return std::string(path);
  return base_dir + "/" + std::string(path);
}

Result<std::string> look_up(std::string_view reference, const std::string& base_dir,
                            const Surroundings& surroundings, Files files) {
  if (reference.substr(0, kEnvironment.size()) == kEnvironment) {
    const std::string name(reference.substr(kEnvironment.size()));
    if (auto value = surroundings.variable(name)) return *std::move(value);
    return error(Code::kSealed, "the environment variable {} is not set, which ${{env:{}}} names",
                 name, name);
  }
  if (reference.substr(0, kFile.size()) != kFile) {
    return error(Code::kSealed,
                 "${{{}}} is no reference; there are ${{env:NAME}} and ${{file:PATH}}", reference);
  }
  if (files == Files::kSkip) return std::string();
  const std::string_view path = reference.substr(kFile.size());
  auto text = surroundings.file(joined(base_dir, path));
  if (!text) return error(Code::kSealed, "${{file:{}}}: {}", path, text.error().message);
  if (!text->empty() && text->back() == '\n') text->pop_back();
  if (!text->empty() && text->back() == '\r') text->pop_back();
  return *std::move(text);
}

// Pieces are gathered in a Secret's string, and wiped on the way out of an error.
Result<Secret> walk(std::string_view text, const std::string& base_dir,
                    const Surroundings& surroundings, Files files) {
  std::string out;
  out.reserve(text.size() + 256);
  const auto fail = [&](Error error) {
    wipe(out);
    return tl::unexpected(std::move(error));
  };
  while (!text.empty()) {
    const auto at = text.find("${");
    if (at == std::string_view::npos) {
      out += text;
      break;
    }
    const bool escaped = at > 0 && text[at - 1] == '$';
    if (escaped) {
      out += text.substr(0, at);  // up to and with the first $; what follows is text
      out += '{';
      text.remove_prefix(at + 2);
      continue;
    }
    out += text.substr(0, at);
    const auto end = text.find('}', at);
    if (end == std::string_view::npos) {
      return fail({Code::kSealed, "a ${ without its }"});
    }
    auto value = look_up(text.substr(at + 2, end - at - 2), base_dir, surroundings, files);
    if (!value) return fail(std::move(value).error());
    out += *value;
    wipe(*value);
    if (out.size() > kExpandedBytesMax) {
      return fail(
          {Code::kLimit, fmt::format("a value of more than {} KiB", kExpandedBytesMax >> 10)});
    }
    text.remove_prefix(end + 1);
  }
  return Secret(std::move(out));
}

}  // namespace

Result<Secret> expand(const Secret& text, const std::string& base_dir,
                      const Surroundings& surroundings) {
  return walk(text.reveal(), base_dir, surroundings, Files::kRead);
}

Status check_environment(const Secret& text, const Surroundings& surroundings) {
  WEIR_RETURN_IF_ERROR(walk(text.reveal(), "", surroundings, Files::kSkip));
  return {};
}

}  // namespace weir::trigger
