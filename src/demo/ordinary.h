// Ordinary days: what would be in the logs had nobody come.
//
// Each part has its own streams of chance, by organisation and day, so that the days are the same whether the attack is
// written or not. What looks like the attack and is not is noted in the truth as innocent.
#pragma once

#include "demo/estate.h"

namespace spoor::demo {

// All of one day. `noise` of the options says how often people do things; 0 leaves the day empty.
void OrdinaryDay(Estate* estate, int day);

// Its parts; each for one organisation and one day.
void PeopleAtWork(Estate* estate, const Tenant& tenant, int day);   // ordinary_people.cc: workstations, surfing
void ServersAtWork(Estate* estate, const Tenant& tenant, int day);  // ordinary_servers.cc: tasks, shares, backups
void AdministratorsAtWork(Estate* estate, const Tenant& tenant, int day);  // ordinary_admin.cc: help desk, deployments
void ProviderAtWork(Estate* estate, const Tenant& customer, int day);      // ordinary_provider.cc
void WebAtWork(Estate* estate, const Tenant& tenant, int day);             // ordinary_web.cc: visitors, scanners
void MailAtWork(Estate* estate, const Tenant& tenant, int day);            // ordinary_mail.cc: mail, newsletters
void CloudAtWork(Estate* estate, const Tenant& tenant, int day);           // ordinary_cloud.cc: sign-ins, travellers
void LinuxAtWork(Estate* estate, const Tenant& tenant, int day);           // ordinary_cloud.cc: gateway, routers

// When something happens on a day: `hour` and a bit, of the organisation's own clock.
int64_t At(const Estate& estate, const Tenant& tenant, int day, double hour, Random* random, int minutes = 50);
// An act that looks like the intruder's: noted, so that it can be told apart later.
Act Innocent(Estate* estate, Random* random, int64_t time, const Tenant& tenant, const std::string& host,
             const std::string& account, const std::string& name, const std::string& text);

}  // namespace spoor::demo
