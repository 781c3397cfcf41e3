#include <gtest/gtest.h>

#include <string>

#include "base/time.h"
#include "formats/evtx_xml/event.h"
#include "formats/evtx_xml/format.h"
#include "formats/evtx_xml/scanner.h"

namespace spoor::evtx_xml {
namespace {

std::string Fields(std::string_view xml) {
  XmlEvent event;
  if (!event.Read(xml)) return event.problem();
  std::string out;
  for (const XmlField& f : event.fields()) out += std::string(f.name) + "=" + std::string(f.text) + ";";
  return out;
}

TEST(XmlEvent, FieldsAreNamedAsInTheEventLog) {
  EXPECT_EQ(Fields("<Event xmlns='u'><System><Provider Name='P' Guid=\"{1}\"/><EventID Qualifiers='0'>7</EventID>"
                   "<Correlation/></System><EventData><Data Name='A'>x</Data><Data Name='B'/><Data>one</Data>"
                   "<Data>two</Data><Binary>00</Binary></EventData></Event>"),
            "Provider_Name=P;Provider_Guid={1};EventID_Qualifiers=0;EventID=7;A=x;B=;Data=one;Data=two;Binary=00;");
  EXPECT_EQ(Fields("<Event><UserData><X xmlns='u'><Path>p</Path><In><Deep a='1'>d</Deep></In></X></UserData></Event>"),
            "Path=p;Deep_a=1;Deep=d;");
  EXPECT_EQ(Fields("<Event><RenderingInfo Culture='en'><Message>m</Message><Level>l</Level></RenderingInfo></Event>"),
            "RenderingInfo_Culture=en;Message=m;RenderingInfo_Level=l;");
}

TEST(XmlEvent, PartsOfAnEventAreRead) {
  EXPECT_EQ(Fields("<EventData><Data Name='A'>x</Data></EventData>"), "A=x;");
  EXPECT_EQ(Fields("<DataItem type='t'><EventData xmlns='u'><Data Name='A'>x</Data></EventData></DataItem>"), "A=x;");
}

TEST(XmlEvent, TextIsUnescaped) {
  EXPECT_EQ(Fields("<Event><EventData><Data Name='a&amp;b'>&lt;x&gt; &quot;&apos; &#65;&#x42; &unknown; &#0; &#xd800;"
                   "<![CDATA[ <&amp;> ]]>end<!-- no --></Data></EventData></Event>"),
            "a&b=<x> \"' AB &unknown; \xef\xbf\xbd \xef\xbf\xbd <&amp;> end;");
}

TEST(XmlEvent, WhatIsNoXmlIsNamed) {
  EXPECT_STREQ(Fields("<Event><System>").c_str(), "xml_ends_within_event");
  EXPECT_STREQ(Fields("").c_str(), "xml_ends_within_event");
  EXPECT_STREQ(Fields("<Event><System></Event>").c_str(), "xml_not_well_formed");
  EXPECT_STREQ(Fields("<Event><System a=b></System></Event>").c_str(), "xml_not_well_formed");
  std::string deep;
  for (int i = 0; i < 1000; ++i) deep += "<a>";
  EXPECT_STREQ(Fields(deep).c_str(), "xml_elements_too_deep");
  std::string many = "<EventData>";
  for (int i = 0; i < 5000; ++i) many += "<Data>x</Data>";
  EXPECT_STREQ(Fields(many + "</EventData>").c_str(), "xml_too_many_fields");
}

TEST(XmlEvent, NoEntityIsEverOpened) {
  EXPECT_EQ(
      Fields("<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><Event><EventData><Data>&e;</Data></EventData>"
             "</Event>"),
      "Data=&e;;");
}

struct Collect : Sink {
  std::string text;
  void OnEvent(const Event& event) override {
    text += std::to_string(event.record) + "@" + std::to_string(event.offset) + " " + FormatTime(event.time) + "\n";
  }
  void OnDamage(const Damage& d) override { text += std::string(d.kind) + "@" + std::to_string(d.offset) + "\n"; }
  void ShapesDropped() override {}
};

TEST(EventXml, DamageIsNamedAndWhatFollowsIsRead) {
  const std::string one = "<Event><System><EventRecordID>5</EventRecordID></System></Event>";
  const std::string text = "<Events>" + one + "<Event><System>" + one + "<Event><x></Event>\r\n" + one + "<Event><Sy";
  Collect sink;
  ReadWhole(kFormat, {}, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &sink);
  // No channel and provider: no mapping says where the number is.
  EXPECT_EQ(sink.text,
            "1@8 1970-01-01T00:00:00.000000Z\nxml_ends_within_event@72\n2@87 1970-01-01T00:00:00.000000Z\n"
            "xml_not_well_formed@151\n4@171 1970-01-01T00:00:00.000000Z\nxml_ends_within_event@235\n");
}

TEST(EventXml, OthersAreNotTaken) {
  const auto recognised = [](std::string_view text) {
    return kFormat.recognise(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  };
  EXPECT_TRUE(recognised("<Event xmlns='x'>"));
  EXPECT_TRUE(recognised("\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n<Events><Event><System>"));
  EXPECT_FALSE(recognised("<html><body>Event</body></html>"));
  EXPECT_FALSE(recognised("<Task><Triggers><EventTrigger></EventTrigger></Triggers></Task>"));
  EXPECT_FALSE(recognised("{\"a\":\"<Event>\"}"));
}

}  // namespace
}  // namespace spoor::evtx_xml
