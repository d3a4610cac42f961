<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en" sourcelanguage="en">
<context>
    <name></name>
    <message numerus="yes">
        <source>%Ln client(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;client</numerusform>
            <numerusform>%Ln&#xa0;clients</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln dropped</source>
        <comment>frames</comment>
        <translation>
            <numerusform>%Ln&#xa0;dropped</numerusform>
            <numerusform>%Ln&#xa0;dropped</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln frame(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;frame</numerusform>
            <numerusform>%Ln&#xa0;frames</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln frame(s) dropped</source>
        <translation>
            <numerusform>%Ln&#xa0;frame dropped</numerusform>
            <numerusform>%Ln&#xa0;frames dropped</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <comment>pictures</comment>
        <translation>
            <numerusform>%Ln&#xa0;left out</numerusform>
            <numerusform>%Ln&#xa0;left out</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln marker(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;marker</numerusform>
            <numerusform>%Ln&#xa0;markers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <comment>files</comment>
        <translation>
            <numerusform>%Ln&#xa0;more</numerusform>
            <numerusform>%Ln&#xa0;more</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln part(s)</source>
        <comment>of a recording</comment>
        <translation>
            <numerusform>%Ln&#xa0;part</numerusform>
            <numerusform>%Ln&#xa0;parts</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln picture(s) cannot be read and are left out.</source>
        <translation>
            <numerusform>%Ln&#xa0;picture cannot be read and is left out.</numerusform>
            <numerusform>%Ln&#xa0;pictures cannot be read and are left out.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s)</source>
        <comment>of a log</comment>
        <translation>
            <numerusform>%Ln&#xa0;row</numerusform>
            <numerusform>%Ln&#xa0;rows</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n package(s)</source>
        <translation>
            <numerusform>%n package</numerusform>
            <numerusform>%n packages</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln entries to the bin?</source>
        <translation>
            <numerusform>Move %Ln&#xa0;entry to the bin?</numerusform>
            <numerusform>Move %Ln&#xa0;entries to the bin?</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>Moved %Ln file(s) to the bin.</source>
        <translation>
            <numerusform>Moved %Ln&#xa0;file to the bin.</numerusform>
            <numerusform>Moved %Ln&#xa0;files to the bin.</numerusform>
        </translation>
    </message>
</context>
</TS>
