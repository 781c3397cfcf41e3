// The list of whom to tell: one row a victim, no formula in it.
#include "story/notify.h"

#include <gtest/gtest.h>

namespace spoor {
namespace {

TEST(Notify, HasARowForEachVictim) {
  TraceResult result;
  const auto files = std::make_shared<FileTable>(std::vector<EvidenceFile>(1));
  result.files = files;
  Campaign campaign;
  Victim person;
  person.kind = VictimKind::kPerson;
  person.name = person.person = "=HYPERLINK(\"x\")";
  person.organisation = "acme";
  person.role = "board, audit";
  person.related_to = "spouse of Jim";
  person.state = VictimState::kDataRead;
  person.first = 1'700'000'000'000'000;
  person.why = "two\nlines";
  person.records = {{0, 0, 7, 100}};
  Victim host;
  host.tenant = "globex";
  host.name = "ws1";
  host.state = VictimState::kReached;
  host.why = "somebody came";
  campaign.victims = {person, host};
  result.found.campaigns = {campaign};
  EXPECT_EQ(NotifyCsv(result, nullptr),
            "person,organisation,role,kind,name,state,first,last,campaign,why,evidence,related_to\n"
            "\"'=HYPERLINK(\"\"x\"\")\",acme,\"board, audit\",person,\"'=HYPERLINK(\"\"x\"\")\",data read,"
            "2023-11-14T22:13:20.000000Z,,C1,\"two\nlines\",#7,spouse of Jim\n"
            ",globex,,host,ws1,reached,,,C1,somebody came,,\n");
}

}  // namespace
}  // namespace spoor
