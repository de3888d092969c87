// A SQLite file in a folder of its own for one test, a second connection to look at it from
// outside, and requests for it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connector/destination.h"
#include "connectors/sqlite/database.h"
#include "connectors/sqlite/destination.h"
#include "testing/destination_fixture.h"
#include "testing/scratch.h"

namespace weir::testing {

class SqliteFile {
 public:
  std::string path() const { return folder_.path() + "/t.db"; }
  std::string config_json() const;
  // Materialization acme/mat, one binding to table `t`, owner process 1 whose death nobody can
  // tell.
  connector::OpenRequest request() const;
  std::unique_ptr<connector::Destination> connect(sqlite::Options options = {}) const;

  // Runs statements on a connection of its own; a failure fails the test.
  void execute(const std::string& sql) const;
  // The rows of a query, columns joined by "|", rows by "\n"; the error's text if it fails.
  std::string query(const std::string& sql) const;

 private:
  Scratch folder_;
};

}  // namespace weir::testing
