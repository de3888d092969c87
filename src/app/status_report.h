// What `weir status` shows of tasks, as JSON, text and a web page.
#pragma once

#include <string>
#include <vector>

#include "app/task_view.h"

namespace weir::app {

std::string status_as_json(const std::vector<TaskView>& views);
std::string status_as_text(const std::vector<TaskView>& views);
// A page of its own: no script, nothing from elsewhere; it asks to be loaded again now and then.
std::string status_as_page(const std::vector<TaskView>& views, std::string_view version,
                           Timestamp now);

bool all_healthy(const std::vector<TaskView>& views);

}  // namespace weir::app
