// A trigger of the catalog made ready to render, outside of a running task.
#pragma once

#include <memory>
#include <string>

#include "app/task_view.h"
#include "trigger/prepared.h"

namespace weir::app {

// `target.trigger` must not be null.
Result<std::shared_ptr<const trigger::Prepared>> prepare(const Target& target,
                                                         const std::string& environment);

}  // namespace weir::app
