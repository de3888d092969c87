// What Deliveries holds while a request is under way. Private to this folder.
#pragma once

#include <memory>
#include <string>

#include "runtime/deliveries.h"
#include "trigger/prepared.h"

namespace weir::runtime {

inline bool same_range(const delivery::Window& window, const delivery::RequestKey& key) {
  return window.after == key.after && window.through == key.through;
}

struct Deliveries::Active {
  const catalog::Trigger* trigger = nullptr;
  std::shared_ptr<const trigger::Prepared> prepared;
};

struct Deliveries::Flight {
  delivery::Ready ready;
  std::shared_ptr<const Active> active;
  std::string request_id;
  std::uint32_t attempts = 0;
  delivery::AttemptRecord last;
  bool cancelled = false;
};

}  // namespace weir::runtime
