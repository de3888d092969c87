// A trigger made ready to render: its template parsed once, its request made anew for each attempt.
// The same facts, template and id give the same bytes every time; only secrets that were rotated in
// between can differ. Immutable: safe from any thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/spec.h"
#include "catalog/trigger_context.h"
#include "delivery/dispatcher.h"
#include "delivery/window.h"
#include "handlebars/template.h"
#include "trigger/expand.h"

namespace weir::trigger {

// What of the task appears in requests.
struct TaskFacts {
  std::string materialization;
  std::string connector_image;
  std::string endpoint;
  std::string environment;
  std::string product_version;
};

// One request's facts, on their own: a copy that outlives the session.
struct RequestFacts {
  std::string request_id;
  delivery::Window window;
  std::vector<delivery::TableRef> tables;  // that the window's indexes refer to
  // As the body shows the trigger; empty: as it is called now. A request that was cut before its
  // trigger had a name keeps what it said then (delivery::Ready::label).
  std::string label = {};
};

class Prepared {
 public:
  // kInvalid: a template that does not parse; the catalog lets none through.
  static Result<std::shared_ptr<const Prepared>> make(const catalog::Trigger& trigger,
                                                      TaskFacts task, std::string revision);

  // The HTTP request of one attempt. kInvalid: permanent, e.g. a payload that is no JSON, named by
  // trigger, line and column. kSealed: a reference that cannot be looked up now.
  Result<delivery::Outgoing> request(const RequestFacts& facts,
                                     const Surroundings& surroundings) const;
  // A request that says it is a test, from sample facts.
  Result<delivery::Outgoing> test_request(const Surroundings& surroundings) const;
  // The payload alone, with placeholders for secrets: for people to look at.
  Result<std::string> preview(const RequestFacts& facts) const;
  // Looks up what can be looked up at the start of a session.
  Status check(const Surroundings& surroundings) const;

  const std::string& revision() const { return revision_; }
  const std::string& label() const { return label_; }
  const std::string& origin() const { return origin_; }

 private:
  Prepared(const catalog::Trigger& trigger, TaskFacts task, std::string revision,
           handlebars::Template payload, handlebars::Template url);
  struct Opened;  // headers and secrets with their references looked up
  Result<Opened> open(const Surroundings& surroundings) const;
  Result<std::string> payload(const catalog::TriggerFacts& facts,
                              const std::map<std::string, Secret>& headers,
                              const std::map<std::string, Secret>& secrets) const;
  Result<Secret> url(const catalog::TriggerFacts& facts, const Surroundings& surroundings) const;
  Result<delivery::Outgoing> make_request(const catalog::TriggerFacts& facts,
                                          const Surroundings& surroundings) const;

  const catalog::Trigger trigger_;
  const TaskFacts task_;
  const std::string revision_;
  const std::string label_;
  const std::string origin_;
  const handlebars::Template payload_;
  const handlebars::Template url_;
};

// What a window tells, as templates see it. Tables ascend by path and collection, whatever their
// indexes: the same window gives the same bytes in every session. Table states of one path, as a
// backfill leaves them, are one table here.
catalog::TriggerFacts facts_of(const RequestFacts& facts, const TaskFacts& task,
                               const std::string& label);

}  // namespace weir::trigger
