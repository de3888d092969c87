// What can be seen of tasks from outside: asked of the running process, or read from what the last
// one left in the state folder. Nothing is changed.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "app/folders.h"
#include "base/result.h"
#include "catalog/spec.h"
#include "runtime/status.h"
#include "store/store.h"

namespace weir::app {

struct TaskView {
  runtime::TaskStatus status;
  bool running = false;
  bool ever_ran = false;  // otherwise the status holds nothing but the name
};

// One per name, in their order; then those that run and are not named, if `others`.
enum class Others { kToo, kNot };
Result<std::vector<TaskView>> view_tasks(const Folders& folders,
                                         const std::vector<std::string>& names, Others others);

// The store of a task, for looking; nullptr: it never ran.
Result<std::unique_ptr<store::Store>> look_into_store(const Folders& folders,
                                                      const std::string& name);

// What a user names: a materialization, one of its triggers, one of that one's requests.
struct Target {
  const catalog::BuiltMaterialization* built = nullptr;
  const catalog::Trigger* trigger = nullptr;  // nullptr: it left the catalog, but still owes
  std::string label;                          // as the user wrote it: a label or an identity
  std::string request_id;                     // empty: none was named
};

// "[MATERIALIZATION] TRIGGER [REQUEST]". kInvalid: several materializations have such a trigger;
// kNotFound with the nearest name. The pointers are into `all`.
Result<Target> find_target(const std::vector<catalog::BuiltMaterialization>& all,
                           const std::vector<TaskView>& views, std::vector<std::string> words);

}  // namespace weir::app
