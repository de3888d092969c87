#include "catalog/reference.h"

#include <algorithm>

#include "catalog/paths.h"

namespace weir::catalog {
namespace {

bool good_variable(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

bool good_path(std::string_view path) {
  return !path.empty() &&
         path.find_first_of(std::string_view("\0\n\r", 3)) == std::string_view::npos;
}

// Calls `each` with the inside of every reference; it returns false to stop.
template <typename Each>
void walk(std::string_view text, Each each) {
  for (std::size_t at = 0; at < text.size();) {
    if (text.substr(at).starts_with("$${")) {
      at += 3;
    } else if (text.substr(at).starts_with("${")) {
      const std::size_t end = text.find('}', at);
      const bool closed = end != std::string_view::npos;
      if (!each(text.substr(at + 2, closed ? end - at - 2 : std::string_view::npos), closed) ||
          !closed)
        return;
      at = end + 1;
    } else {
      ++at;
    }
  }
}

}  // namespace

std::optional<std::string> reference_problem(std::string_view text) {
  std::optional<std::string> problem;
  walk(text, [&](std::string_view inside, bool closed) {
    if (!closed) {
      problem = "a reference has no closing brace";
    } else if (inside.starts_with("env:")) {
      if (!good_variable(inside.substr(4)))
        problem = "a reference ${env:…} names no environment variable";
    } else if (inside.starts_with("file:")) {
      if (!good_path(inside.substr(5))) problem = "a reference ${file:…} names no file";
    } else {
      problem = "a reference ${…} begins neither with env: nor with file:";
    }
    return !problem;
  });
  return problem;
}

bool has_reference(std::string_view text) {
  bool found = false;
  walk(text, [&](std::string_view, bool) { return !(found = true); });
  return found;
}

std::string with_paths_in(std::string_view folder, std::string_view text) {
  constexpr std::string_view kFile = "file:";
  std::string out;
  std::size_t copied = 0;
  walk(text, [&](std::string_view inside, bool closed) {
    if (!closed || !inside.starts_with(kFile)) return true;
    const std::size_t path = static_cast<std::size_t>(inside.data() - text.data()) + kFile.size();
    out += text.substr(copied, path - copied);
    out += join_path(folder, inside.substr(kFile.size()));
    copied = path + inside.size() - kFile.size();
    return true;
  });
  out += text.substr(copied);
  return out;
}

bool is_secret_name(std::string_view name) {
  constexpr std::string_view kWords[] = {
      "authorization", "token",  "secret",     "password",  "passwd", "apikey", "api-key",
      "api_key",       "cookie", "credential", "signature", "sig",    "key",    "auth"};
  std::string lower(name);
  for (char& c : lower) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  return std::any_of(std::begin(kWords), std::end(kWords), [&](std::string_view word) {
    // Short words only as whole parts of the name: "x-key", not "monkey".
    if (word.size() > 5) return lower.find(word) != std::string::npos;
    for (std::size_t at = lower.find(word); at != std::string::npos;
         at = lower.find(word, at + 1)) {
      const auto boundary = [&](std::size_t i) {
        return i >= lower.size() || lower[i] == '-' || lower[i] == '_';
      };
      if ((at == 0 || boundary(at - 1)) && boundary(at + word.size())) return true;
    }
    return false;
  });
}

}  // namespace weir::catalog
