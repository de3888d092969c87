// References in secret places and URLs: ${env:NAME} and ${file:PATH}; "$${" stands for "${". Their
// syntax was checked with the catalog; here they are looked up, the environment once at the start
// of a session, files anew for each attempt, so that tokens can be renewed.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace weir::trigger {

inline constexpr std::size_t kSecretFileBytesMax = 64u << 10;
inline constexpr std::size_t kExpandedBytesMax = 256u << 10;

// What references are looked up in. Callable from any thread.
struct Surroundings {
  std::function<std::optional<std::string>(const std::string& name)> variable;
  // The whole file, at most kSecretFileBytesMax.
  std::function<Result<std::string>(const std::string& path)> file;
};

// One trailing line end of a file's text is cut. Paths are relative to `base_dir`. kSealed names
// the reference that cannot be looked up, never a value.
Result<Secret> expand(const Secret& text, const std::string& base_dir,
                      const Surroundings& surroundings);
// Can every ${env:} be looked up? For the start of a session.
Status check_environment(const Secret& text, const Surroundings& surroundings);

}  // namespace weir::trigger
