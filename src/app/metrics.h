// The metrics of a running process, in OpenMetrics. docs/http.md lists them; a test compares.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "app/ingest.h"
#include "app/task_view.h"

namespace weir::app {

struct HttpCounts {
  // By path ("/metrics", "/collections", "other") and status.
  std::map<std::pair<std::string, int>, std::uint64_t> requests;
  std::uint64_t connections = 0;      // open now
  std::uint64_t bytes_of_bodies = 0;  // read, and not appended yet
  std::uint64_t posts_waiting = 0;
  std::map<std::string, Ingest::Counts> collections;
};

std::string metrics_text(const std::vector<TaskView>& views, const HttpCounts& http,
                         std::string_view version, Timestamp started, Timestamp now);

}  // namespace weir::app
