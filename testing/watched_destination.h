// A real destination whose calls can be watched, made to fail, and deprived of their answers, as
// those of the fake ones can.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "connector/destination.h"

namespace weir::testing {

struct DestinationHooks {
  // Before each call but validate, with its name: an error is its answer and spends the session, as
  // if the connector had died there.
  std::function<Status(std::string_view call)> before_call;
  // After each call that took effect: an error is told instead of its answer.
  std::function<Status(std::string_view call)> after_call;
  // After each commit that took effect, also where its answer is lost or the process dies with it:
  // the encoded checkpoint, and who the session belongs to.
  std::function<void(const std::string& checkpoint, std::int64_t pid)> on_commit;
};

// `checkpoint_now` asks the endpoint, from outside, which checkpoint is committed (empty: none).
// The hooks must outlive the destination and may be exchanged between calls. `openings` counts
// openings that took effect.
std::unique_ptr<connector::Destination> watch_destination(
    std::unique_ptr<connector::Destination> inner, const DestinationHooks& hooks,
    std::function<std::string()> checkpoint_now, std::size_t& openings);

}  // namespace weir::testing
