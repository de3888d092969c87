// The connector's state: a JSON object that the connector gives and gets back at the next opening.
// Updates replace it or patch it (RFC 7396).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "connector/destination.h"

namespace weir::runtime {

inline constexpr std::size_t kConnectorStateBytesMax = 64u << 20;

// kInvalid if either is no JSON.
Result<std::string> merge_patch(std::string_view target_json, std::string_view patch_json);

class ConnectorState {
 public:
  explicit ConnectorState(std::string json) : json_(std::move(json)) {}
  // nullopt changes nothing.
  Status update(const std::optional<connector::StateUpdate>& update);
  const std::string& json() const { return json_; }
  // Was it changed since the last call?
  bool take_changed() { return std::exchange(changed_, false); }

 private:
  std::string json_;
  bool changed_ = false;
};

}  // namespace weir::runtime
