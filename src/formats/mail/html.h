// The links, remote images and text of HTML.
//
// HTML of mail is anything; this is a scanner of tags and attributes, no tree. It takes what readers of mail take:
// attributes without quotes, tags that never end, entities, conditional comments of Outlook. Time is linear in the
// size of the text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/mail/links.h"

namespace spoor::mail {

// Links of HTML and of its visible text outside of links. `text`: what a reader sees, appended, with a line for each
// block. Returns false if there were more than `max` links.
bool ReadHtml(std::string_view html, size_t max, std::vector<Link>* links, std::string* text);

}  // namespace spoor::mail
