// Errors as values. One code per *reaction*: causes that lead to the same action share a code and
// differ in the message. Messages name the place and the way out, and never carry a secret (see
// secret.h).
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace weir {

enum class Code {
  kInvalid,      // the input or the catalog is wrong; the user mends it; trying again cannot help
  kNotFound,     // the thing asked for does not exist
  kRefused,      // another owner has it (lock, fence, foreign checkpoint): stop for good, exit 4
  kSealed,       // a secret could not be opened, exit 5
  kUnavailable,  // a peer or a file did not answer; trying again may help
  kFull,         // disk or another resource is full; trying again helps once room was made
  kUnknown,      // nobody knows whether it took effect: the object is spent, open a new one and ask
  kCorrupt,      // bytes that we or others wrote cannot be what they should be
  kLimit,        // a named limit was exceeded
  kCancelled,    // asked to stop
};

std::string_view name_of(Code code);

struct Error {
  Code code = Code::kInvalid;
  std::string message;
};

template <typename T>
using Result = tl::expected<T, Error>;
using Status = Result<void>;

// error(Code::kNotFound, "no collection {}", name): converts to any Result.
template <typename... Args>
tl::unexpected<Error> error(Code code, fmt::format_string<Args...> format, Args&&... args) {
  return tl::unexpected<Error>(Error{code, fmt::format(format, std::forward<Args>(args)...)});
}

// The same error with a place put before its message: `prefix: message`.
Error with_context(std::string_view prefix, Error error);

}  // namespace weir

#define WEIR_CONCAT_(a, b) a##b
#define WEIR_CONCAT(a, b) WEIR_CONCAT_(a, b)

// WEIR_TRY(auto x, may_fail()): declares x or returns the error.
#define WEIR_TRY(declaration, expression) \
  WEIR_TRY_(WEIR_CONCAT(weir_try_, __LINE__), declaration, expression)
#define WEIR_TRY_(temporary, declaration, expression)                                 \
  auto temporary = (expression);                                                      \
  if (!temporary) return tl::unexpected<::weir::Error>(std::move(temporary).error()); \
  declaration = *std::move(temporary)

// WEIR_RETURN_IF_ERROR(status()): for a Status or a Result whose value is not needed.
#define WEIR_RETURN_IF_ERROR(expression)                                     \
  do {                                                                       \
    if (auto weir_status_ = (expression); !weir_status_)                     \
      return tl::unexpected<::weir::Error>(std::move(weir_status_).error()); \
  } while (false)
