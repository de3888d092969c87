// What every destination that holds the checkpoint must do, as one suite: the fake keeps the real
// ones honest and the other way round. A program that links destination_contract.cc instantiates
// DestinationContract with its subjects.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "connector/destination.h"

namespace weir::testing {

// An endpoint that outlives the sessions made of it; gone with the subject.
class DestinationSubject {
 public:
  virtual ~DestinationSubject() = default;
  virtual std::unique_ptr<connector::Destination> connect() = 0;
  virtual std::string config_json(bool hard_delete) = 0;
  // What another reader sees, in order of id: "id amount", " deleted" aside. Of delta updates in
  // order of storing. nullopt: there is no such table.
  virtual std::optional<std::vector<std::string>> rows(const std::string& table) = 0;
};

struct DestinationSubjectKind {
  std::string name;
  std::function<std::unique_ptr<DestinationSubject>()> make;
};

class DestinationContract : public ::testing::TestWithParam<DestinationSubjectKind> {
 protected:
  DestinationContract() : subject_(GetParam().make()) {}

  // A request of materialization acme/mat with one binding to table `t`, by a process of this host
  // that is alive.
  connector::OpenRequest request(std::int64_t pid = 100);
  std::vector<std::string> rows(const std::string& table = "t");

  std::unique_ptr<DestinationSubject> subject_;
};

}  // namespace weir::testing
