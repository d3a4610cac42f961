<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de" sourcelanguage="en">
<context>
    <name></name>
    <message>
        <source> or </source>
        <comment>between two keys</comment>
        <translation> oder </translation>
    </message>
    <message>
        <source>%</source>
        <comment>after a number</comment>
        <translation>&#xa0;%</translation>
    </message>
    <message numerus="yes">
        <source>%Ln client(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;Client</numerusform>
            <numerusform>%Ln&#xa0;Clients</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln dropped</source>
        <comment>frames</comment>
        <translation>
            <numerusform>%Ln&#xa0;verworfen</numerusform>
            <numerusform>%Ln&#xa0;verworfen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln frame(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;Bild</numerusform>
            <numerusform>%Ln&#xa0;Bilder</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln frame(s) dropped</source>
        <translation>
            <numerusform>%Ln&#xa0;Bild verworfen</numerusform>
            <numerusform>%Ln&#xa0;Bilder verworfen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln left out</source>
        <comment>pictures</comment>
        <translation>
            <numerusform>%Ln&#xa0;ausgelassen</numerusform>
            <numerusform>%Ln&#xa0;ausgelassen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln marker(s)</source>
        <translation>
            <numerusform>%Ln&#xa0;Marke</numerusform>
            <numerusform>%Ln&#xa0;Marken</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln more</source>
        <comment>files</comment>
        <translation>
            <numerusform>%Ln&#xa0;weitere</numerusform>
            <numerusform>%Ln&#xa0;weitere</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln part(s)</source>
        <comment>of a recording</comment>
        <translation>
            <numerusform>%Ln&#xa0;Teil</numerusform>
            <numerusform>%Ln&#xa0;Teile</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln picture(s) cannot be read and are left out.</source>
        <translation>
            <numerusform>%Ln&#xa0;Bild kann nicht gelesen werden und wird ausgelassen.</numerusform>
            <numerusform>%Ln&#xa0;Bilder können nicht gelesen werden und werden ausgelassen.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%Ln row(s)</source>
        <comment>of a log</comment>
        <translation>
            <numerusform>%Ln&#xa0;Zeile</numerusform>
            <numerusform>%Ln&#xa0;Zeilen</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n package(s)</source>
        <translation>
            <numerusform>%n Paket</numerusform>
            <numerusform>%n Pakete</numerusform>
        </translation>
    </message>
    <message>
        <source>&amp;Label</source>
        <translation>&amp;Label</translation>
    </message>
    <message>
        <source>&amp;Merge into</source>
        <translation>&amp;Vereinen mit</translation>
    </message>
    <message>
        <source>30 s ago</source>
        <translation>vor 30 s</translation>
    </message>
    <message>
        <source>32 bits</source>
        <translation>32 Bit</translation>
    </message>
    <message>
        <source>5 seconds ahead</source>
        <translation>5 Sekunden vor</translation>
    </message>
    <message>
        <source>5 seconds back</source>
        <translation>5 Sekunden zurück</translation>
    </message>
    <message>
        <source>60 s ago</source>
        <translation>vor 60 s</translation>
    </message>
    <message>
        <source>8 bits</source>
        <translation>8 Bit</translation>
    </message>
    <message>
        <source>8 or 32 bits</source>
        <translation>8 oder 32 Bit</translation>
    </message>
    <message>
        <source>A PEM file, for a camera or server with a certificate of its own; streams over TLS are verified against it.</source>
        <translation>Eine PEM-Datei für eine Kamera oder einen Server mit eigenem Zertifikat; Streams über TLS werden damit geprüft.</translation>
    </message>
    <message>
        <source>A camera cannot give {size} at {fps} fps.</source>
        <translation>Eine Kamera kann nicht {size} mit {fps} fps liefern.</translation>
    </message>
    <message>
        <source>A copy without overlay beside every snapshot</source>
        <translation>Zu jedem Foto eine Kopie ohne Einblendungen</translation>
    </message>
    <message>
        <source>A face that is not detected stays visible, for instance one that is turned away, covered, small or dark.</source>
        <translation>Ein nicht erkanntes Gesicht bleibt sichtbar, etwa ein abgewandtes, verdecktes, kleines oder dunkles.</translation>
    </message>
    <message>
        <source>A label comes {time} ms after its picture.</source>
        <translation>Eine Anzeige kommt {time} ms nach ihrem Bild.</translation>
    </message>
    <message>
        <source>A log&apos;s name ends in {suffixes}.</source>
        <translation>Der Name eines Protokolls endet auf {suffixes}.</translation>
    </message>
    <message>
        <source>A marker needs a recording (R), a log (L) or a live output</source>
        <translation>Eine Marke braucht eine Aufnahme (R), ein Protokoll (L) oder eine Live-Ausgabe</translation>
    </message>
    <message>
        <source>A recording is running. Finish it and quit?</source>
        <translation>Eine Aufnahme läuft. Aufnahme abschließen und beenden?</translation>
    </message>
    <message>
        <source>About fer_live</source>
        <translation>Über fer_live</translation>
    </message>
    <message>
        <source>Add light from the front, or switch off the camera&apos;s low-light compensation.</source>
        <translation>Sorgen Sie für Licht von vorn, oder schalten Sie den Ausgleich der Kamera für wenig Licht aus.</translation>
    </message>
    <message>
        <source>Add light from the front.</source>
        <translation>Sorgen Sie für Licht von vorn.</translation>
    </message>
    <message>
        <source>Add yourself to the group &apos;video&apos; (sudo usermod -aG video $USER), log in again.</source>
        <translation>Nehmen Sie sich in die Gruppe &apos;video&apos; auf (sudo usermod -aG video $USER), und melden Sie sich neu an.</translation>
    </message>
    <message>
        <source>Address</source>
        <translation>Adresse</translation>
    </message>
    <message>
        <source>Address of a network camera or stream,
such as rtsp://host/stream or http://host/video</source>
        <translation>Adresse einer Netzwerkkamera oder eines Streams,
etwa rtsp://host/stream oder http://host/video</translation>
    </message>
    <message>
        <source>Addresses begin with {schemes}. {more}</source>
        <translation>Adressen beginnen mit {schemes}. {more}</translation>
    </message>
    <message>
        <source>Advice on each face</source>
        <translation>Hinweise bei jedem Gesicht</translation>
    </message>
    <message>
        <source>All faces</source>
        <translation>Alle Gesichter</translation>
    </message>
    <message>
        <source>All files (*)</source>
        <translation>Alle Dateien (*)</translation>
    </message>
    <message>
        <source>Allow the camera when macOS asks, or in System Settings, Privacy &amp; Security, Camera; then retry.</source>
        <translation>Erlauben Sie die Kamera, wenn macOS fragt, oder in den Systemeinstellungen unter Datenschutz &amp; Sicherheit, Kamera; dann versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Also used:</source>
        <translation>Außerdem verwendet:</translation>
    </message>
    <message>
        <source>Always on top</source>
        <translation>Immer im Vordergrund</translation>
    </message>
    <message>
        <source>An expression, not a feeling</source>
        <translation>Ein Ausdruck, kein Gefühl</translation>
    </message>
    <message>
        <source>An image could not be compressed for keeping it in memory.</source>
        <translation>Ein Bild ließ sich für den Speicher nicht komprimieren.</translation>
    </message>
    <message>
        <source>Analyse every frame of a file</source>
        <translation>Jedes Bild einer Datei analysieren</translation>
    </message>
    <message>
        <source>Analyse every frame, even if the file then plays slower than in real time</source>
        <translation>Jedes Bild analysieren, auch wenn die Datei dann langsamer als in Echtzeit läuft</translation>
    </message>
    <message>
        <source>Analysis {rate}</source>
        <translation>Analyse {rate}</translation>
    </message>
    <message>
        <source>Another face is named {name} already.</source>
        <translation>Ein anderes Gesicht heißt schon {name}.</translation>
    </message>
    <message>
        <source>Anyone who distributes it must give its recipients the source under the GPL.</source>
        <translation>Wer es weitergibt, schuldet den Empfängern den Quelltext nach der GPL.</translation>
    </message>
    <message>
        <source>Apache-2.0 or BSD-3-Clause</source>
        <translation>Apache-2.0 oder BSD-3-Clause</translation>
    </message>
    <message>
        <source>Appearance</source>
        <translation>Darstellung</translation>
    </message>
    <message>
        <source>Apple graphics (MPS)</source>
        <translation>Apple-Grafik (MPS)</translation>
    </message>
    <message>
        <source>Arithmetic on the processor</source>
        <translation>Arithmetik auf dem Prozessor</translation>
    </message>
    <message>
        <source>As the model has it</source>
        <translation>Wie im Modell</translation>
    </message>
    <message>
        <source>As the system</source>
        <translation>Wie das System</translation>
    </message>
    <message>
        <source>Asking the camera…</source>
        <translation>Die Kamera wird gefragt …</translation>
    </message>
    <message>
        <source>Automatic</source>
        <translation>Automatisch</translation>
    </message>
    <message>
        <source>Back by 5 seconds</source>
        <translation>5 Sekunden zurück</translation>
    </message>
    <message>
        <source>Balanced</source>
        <translation>Ausgewogen</translation>
    </message>
    <message>
        <source>Balanced: nearly alike, contempt rare</source>
        <translation>Ausgewogen: fast gleich, Verachtung selten</translation>
    </message>
    <message>
        <source>Bars beside each face</source>
        <translation>Balken neben jedem Gesicht</translation>
    </message>
    <message>
        <source>Before you start: {points}</source>
        <translation>Bevor Sie beginnen: {points}</translation>
    </message>
    <message>
        <source>Begin the selected span at the cursor</source>
        <translation>Den gewählten Abschnitt am Cursor beginnen</translation>
    </message>
    <message>
        <source>Blurred</source>
        <translation>Weichgezeichnet</translation>
    </message>
    <message>
        <source>Both, as two files</source>
        <translation>Beides, als zwei Dateien</translation>
    </message>
    <message>
        <source>Boxes</source>
        <translation>Rahmen</translation>
    </message>
    <message>
        <source>Boxes and labels</source>
        <translation>Rahmen und Labels</translation>
    </message>
    <message>
        <source>Brightness</source>
        <translation>Helligkeit</translation>
    </message>
    <message>
        <source>By {author}.</source>
        <translation>Von {author}.</translation>
    </message>
    <message>
        <source>By {author}; its text is in {path}.</source>
        <translation>Von {author}; der Text steht in {path}.</translation>
    </message>
    <message>
        <source>CSV, for spreadsheets</source>
        <translation>CSV, für Tabellenprogramme</translation>
    </message>
    <message>
        <source>CUDA cannot be used: {reason}.</source>
        <translation>CUDA lässt sich nicht nutzen: {reason}.</translation>
    </message>
    <message>
        <source>Camera</source>
        <translation>Kamera</translation>
    </message>
    <message>
        <source>Camera check</source>
        <translation>Kameratest</translation>
    </message>
    <message>
        <source>Camera controls: {camera}</source>
        <translation>Kameraregler: {camera}</translation>
    </message>
    <message>
        <source>Camera controls…</source>
        <translation>Kameraregler …</translation>
    </message>
    <message>
        <source>Camera {number}</source>
        <translation>Kamera {number}</translation>
    </message>
    <message>
        <source>Camera, model, overlay, recording and theme</source>
        <translation>Kamera, Modell, Einblendungen, Aufnahme und Farbschema</translation>
    </message>
    <message>
        <source>Cameras here: {cameras}.</source>
        <translation>Kameras hier: {cameras}.</translation>
    </message>
    <message>
        <source>Can&apos;t move {files} to the bin.</source>
        <translation>{files} kann nicht in den Papierkorb verschoben werden.</translation>
    </message>
    <message>
        <source>Can&apos;t open the demo</source>
        <translation>Die Demo lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Can&apos;t open the first camera</source>
        <translation>Die erste Kamera lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Can&apos;t open the folder {folder}: {reason}.</source>
        <translation>Der Ordner {folder} lässt sich nicht öffnen: {reason}.</translation>
    </message>
    <message>
        <source>Can&apos;t open {source}</source>
        <translation>{source} lässt sich nicht öffnen</translation>
    </message>
    <message>
        <source>Can&apos;t read the folder {folder}: {reason}.</source>
        <translation>Der Ordner {folder} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>Can&apos;t show {file}</source>
        <translation>{file} lässt sich nicht anzeigen</translation>
    </message>
    <message>
        <source>Can&apos;t start</source>
        <translation>Start nicht möglich</translation>
    </message>
    <message>
        <source>Capture</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Capture {rate}</source>
        <translation>Quelle {rate}</translation>
    </message>
    <message>
        <source>Certificates</source>
        <translation>Zertifikate</translation>
    </message>
    <message>
        <source>Certificates (*.pem *.crt *.cer)</source>
        <translation>Zertifikate (*.pem *.crt *.cer)</translation>
    </message>
    <message>
        <source>Change the marker&apos;s note…</source>
        <translation>Notiz der Marke ändern …</translation>
    </message>
    <message>
        <source>Change the note</source>
        <translation>Notiz ändern</translation>
    </message>
    <message>
        <source>Change the note of the selected marker</source>
        <translation>Die Notiz der gewählten Marke ändern</translation>
    </message>
    <message>
        <source>Chart of the last minute</source>
        <translation>Diagramm der letzten Minute</translation>
    </message>
    <message>
        <source>Check its name and folder.</source>
        <translation>Prüfen Sie Namen und Ordner.</translation>
    </message>
    <message>
        <source>Check its name.</source>
        <translation>Prüfen Sie seinen Namen.</translation>
    </message>
    <message>
        <source>Check that another player shows it, or choose another file.</source>
        <translation>Prüfen Sie, ob ein anderes Abspielprogramm es zeigt, oder wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>Check that it is connected and not in use elsewhere; it is tried again.</source>
        <translation>Prüfen Sie, ob sie verbunden und nicht anderswo in Gebrauch ist; es wird weiter versucht.</translation>
    </message>
    <message>
        <source>Check that it is connected; it is picked up again when it returns.</source>
        <translation>Prüfen Sie die Verbindung; es geht weiter, sobald sie wieder da ist.</translation>
    </message>
    <message>
        <source>Check that the server gives the key over HTTP or HTTPS, and user and password.</source>
        <translation>Prüfen Sie, ob der Server den Schlüssel über HTTP oder HTTPS gibt, sowie Benutzer und Passwort.</translation>
    </message>
    <message>
        <source>Check the address and the network, then try again.</source>
        <translation>Prüfen Sie Adresse und Netz, und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Check the address, user and password, and that the camera is on and reachable.</source>
        <translation>Prüfen Sie Adresse, Benutzer und Passwort, und ob die Kamera eingeschaltet und erreichbar ist.</translation>
    </message>
    <message>
        <source>Check the camera…</source>
        <translation>Kamera testen …</translation>
    </message>
    <message>
        <source>Check the disk.</source>
        <translation>Prüfen Sie den Datenträger.</translation>
    </message>
    <message>
        <source>Check the permissions of file and folder.</source>
        <translation>Prüfen Sie die Rechte an Datei und Ordner.</translation>
    </message>
    <message>
        <source>Check the permissions of the folder.</source>
        <translation>Prüfen Sie die Rechte am Ordner.</translation>
    </message>
    <message>
        <source>Check the receiver&apos;s address.</source>
        <translation>Prüfen Sie die Adresse des Empfängers.</translation>
    </message>
    <message>
        <source>Checking {camera}. This takes about ten seconds.</source>
        <translation>{camera} wird getestet. Das dauert etwa zehn Sekunden.</translation>
    </message>
    <message>
        <source>Checkpoints (*.safetensors)</source>
        <translation>Modelldateien (*.safetensors)</translation>
    </message>
    <message>
        <source>Choose 0 to {most} faces.</source>
        <translation>Wählen Sie 0 bis {most} Gesichter.</translation>
    </message>
    <message>
        <source>Choose a camera…</source>
        <translation>Kamera wählen …</translation>
    </message>
    <message>
        <source>Choose a file…</source>
        <translation>Datei wählen …</translation>
    </message>
    <message>
        <source>Choose a folder</source>
        <translation>Ordner wählen</translation>
    </message>
    <message>
        <source>Choose a folder with JPEG, PNG, WebP, TIFF or BMP files.</source>
        <translation>Wählen Sie einen Ordner mit JPEG-, PNG-, WebP-, TIFF- oder BMP-Dateien.</translation>
    </message>
    <message>
        <source>Choose a model</source>
        <translation>Modell wählen</translation>
    </message>
    <message>
        <source>Choose a picture file.</source>
        <translation>Wählen Sie eine Bilddatei.</translation>
    </message>
    <message>
        <source>Choose a port from 1024 on.</source>
        <translation>Wählen Sie einen Port ab 1024.</translation>
    </message>
    <message>
        <source>Choose a rate that it offers, or a smaller size.</source>
        <translation>Wählen Sie eine Rate, die sie anbietet, oder eine kleinere Größe.</translation>
    </message>
    <message>
        <source>Choose a size and a rate above zero.</source>
        <translation>Wählen Sie eine Größe und eine Bildrate über null.</translation>
    </message>
    <message>
        <source>Choose a size that it offers.</source>
        <translation>Wählen Sie eine Größe, die sie anbietet.</translation>
    </message>
    <message>
        <source>Choose a size that it offers: {sizes}.</source>
        <translation>Wählen Sie eine Größe, die sie anbietet: {sizes}.</translation>
    </message>
    <message>
        <source>Choose a smaller size, or a faster device for the model.</source>
        <translation>Wählen Sie eine kleinere Größe oder ein schnelleres Gerät für das Modell.</translation>
    </message>
    <message>
        <source>Choose a source, or start the last one.</source>
        <translation>Wählen Sie eine Quelle, oder starten Sie die letzte.</translation>
    </message>
    <message>
        <source>Choose a video or picture file.</source>
        <translation>Wählen Sie eine Video- oder Bilddatei.</translation>
    </message>
    <message>
        <source>Choose a {kinds} file.</source>
        <translation>Wählen Sie eine Datei der Art {kinds}.</translation>
    </message>
    <message>
        <source>Choose another file or folder.</source>
        <translation>Wählen Sie eine andere Datei oder einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Choose another file.</source>
        <translation>Wählen Sie eine andere Datei.</translation>
    </message>
    <message>
        <source>Choose another folder in the settings.</source>
        <translation>Wählen Sie in den Einstellungen einen anderen Ordner.</translation>
    </message>
    <message>
        <source>Choose another folder, or free some space.</source>
        <translation>Wählen Sie einen anderen Ordner, oder schaffen Sie Platz.</translation>
    </message>
    <message>
        <source>Choose another format or source.</source>
        <translation>Wählen Sie ein anderes Format oder eine andere Quelle.</translation>
    </message>
    <message>
        <source>Choose another model in the settings.</source>
        <translation>Wählen Sie in den Einstellungen ein anderes Modell.</translation>
    </message>
    <message>
        <source>Choose another name, or merge the two faces if they are one person.</source>
        <translation>Wählen Sie einen anderen Namen, oder vereinen Sie die beiden Gesichter, wenn es eine Person ist.</translation>
    </message>
    <message>
        <source>Choose another name: nothing is overwritten.</source>
        <translation>Wählen Sie einen anderen Namen: Nichts wird überschrieben.</translation>
    </message>
    <message>
        <source>Choose another source.</source>
        <translation>Wählen Sie eine andere Quelle.</translation>
    </message>
    <message>
        <source>Choose certificates</source>
        <translation>Zertifikate wählen</translation>
    </message>
    <message>
        <source>Choose one by its index: {cameras}.</source>
        <translation>Wählen Sie eine nach ihrer Nummer: {cameras}.</translation>
    </message>
    <message>
        <source>Choose the format MJPG, or a smaller size.</source>
        <translation>Wählen Sie das Format MJPG oder eine kleinere Größe.</translation>
    </message>
    <message>
        <source>Choose the video that belongs to this log</source>
        <translation>Das Video wählen, das zu diesem Protokoll gehört</translation>
    </message>
    <message>
        <source>Choose the video…</source>
        <translation>Video wählen …</translation>
    </message>
    <message>
        <source>Choose {least} to {most} pixels and at most 1000 fps.</source>
        <translation>Wählen Sie {least} bis {most} Pixel und höchstens 1000 fps.</translation>
    </message>
    <message>
        <source>Choose…</source>
        <translation>Wählen …</translation>
    </message>
    <message>
        <source>Click a face&apos;s row first</source>
        <translation>Klicken Sie zuerst die Zeile eines Gesichts an</translation>
    </message>
    <message>
        <source>Click a face&apos;s row first, or drag over it to select a span.</source>
        <translation>Klicken Sie zuerst die Zeile eines Gesichts an, oder ziehen Sie darüber, um einen Abschnitt zu wählen.</translation>
    </message>
    <message>
        <source>Click a face&apos;s row first.</source>
        <translation>Klicken Sie zuerst die Zeile eines Gesichts an.</translation>
    </message>
    <message>
        <source>Click a marker on the time line first.</source>
        <translation>Klicken Sie zuerst eine Marke auf der Zeitleiste an.</translation>
    </message>
    <message>
        <source>Click to show this face in the chart; double-click to name it</source>
        <translation>Klick zeigt dieses Gesicht im Diagramm, Doppelklick benennt es</translation>
    </message>
    <message>
        <source>Close</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Close the other program (a video call, a browser tab, another fer-live) and retry.</source>
        <translation>Schließen Sie das andere Programm (einen Videoanruf, einen Browser-Tab, ein weiteres fer-live), und versuchen Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Close the programs that use it, or choose another resolution.</source>
        <translation>Schließen Sie die Programme, die sie benutzen, oder wählen Sie eine andere Auflösung.</translation>
    </message>
    <message>
        <source>Close the window</source>
        <translation>Das Fenster schließen</translation>
    </message>
    <message>
        <source>Close this session</source>
        <translation>Diese Sitzung schließen</translation>
    </message>
    <message>
        <source>Columns of a CSV log</source>
        <translation>Spalten eines CSV-Protokolls</translation>
    </message>
    <message>
        <source>Compact window</source>
        <translation>Kompaktes Fenster</translation>
    </message>
    <message>
        <source>Connect the camera directly to the computer, close programs that use much processor time, or choose a smaller size.</source>
        <translation>Schließen Sie die Kamera direkt an den Computer an, beenden Sie Programme, die viel Rechenzeit brauchen, oder wählen Sie eine kleinere Größe.</translation>
    </message>
    <message>
        <source>Copied</source>
        <translation>Kopiert</translation>
    </message>
    <message>
        <source>Copy</source>
        <translation>Kopieren</translation>
    </message>
    <message>
        <source>Copy diagnostic report</source>
        <translation>Diagnosebericht kopieren</translation>
    </message>
    <message>
        <source>Copy path</source>
        <translation>Pfad kopieren</translation>
    </message>
    <message>
        <source>Create a report</source>
        <translation>Bericht erstellen</translation>
    </message>
    <message>
        <source>Create a report from a session log</source>
        <translation>Einen Bericht aus einem Sitzungsprotokoll erstellen</translation>
    </message>
    <message>
        <source>Dark</source>
        <translation>Dunkel</translation>
    </message>
    <message>
        <source>Date</source>
        <translation>Datum</translation>
    </message>
    <message>
        <source>Default</source>
        <translation>Standard</translation>
    </message>
    <message>
        <source>Defaults</source>
        <translation>Standardwerte</translation>
    </message>
    <message>
        <source>Defaults are used.</source>
        <translation>Es gelten die Standardwerte.</translation>
    </message>
    <message>
        <source>Delete</source>
        <translation>Löschen</translation>
    </message>
    <message>
        <source>Delete the marker</source>
        <translation>Marke löschen</translation>
    </message>
    <message>
        <source>Delete the selected marker</source>
        <translation>Die gewählte Marke löschen</translation>
    </message>
    <message>
        <source>Delete…</source>
        <translation>Löschen …</translation>
    </message>
    <message>
        <source>Demo</source>
        <translation>Demo</translation>
    </message>
    <message>
        <source>Demo with four people</source>
        <translation>Demo mit vier Personen</translation>
    </message>
    <message>
        <source>Details</source>
        <translation>Details</translation>
    </message>
    <message>
        <source>Details of the notice</source>
        <translation>Details der Meldung</translation>
    </message>
    <message>
        <source>Device that runs the model</source>
        <translation>Gerät, auf dem das Modell läuft</translation>
    </message>
    <message>
        <source>Dismiss</source>
        <translation>Schließen</translation>
    </message>
    <message>
        <source>Download it and open the file.</source>
        <translation>Laden Sie sie herunter, und öffnen Sie die Datei.</translation>
    </message>
    <message>
        <source>Drag over the time line to select a span first.</source>
        <translation>Ziehen Sie zuerst über die Zeitleiste, um einen Abschnitt zu wählen.</translation>
    </message>
    <message>
        <source>Draw a bar for every expression beside each face</source>
        <translation>Neben jedem Gesicht einen Balken für jeden Ausdruck zeichnen</translation>
    </message>
    <message>
        <source>Draw boxes and labels on the video</source>
        <translation>Rahmen und Labels in das Video zeichnen</translation>
    </message>
    <message>
        <source>Draw the frame rate on the video</source>
        <translation>Die Bildrate in das Video zeichnen</translation>
    </message>
    <message>
        <source>Draw the number of each face</source>
        <translation>Die Nummer jedes Gesichts zeichnen</translation>
    </message>
    <message>
        <source>Driver to program</source>
        <translation>Treiber bis Programm</translation>
    </message>
    <message>
        <source>E&amp;xport</source>
        <translation>E&amp;xportieren</translation>
    </message>
    <message>
        <source>Edit</source>
        <translation>Bearbeiten</translation>
    </message>
    <message>
        <source>Eight bits need onnx and onnxruntime, which cannot be imported ({reason}).</source>
        <translation>Acht Bit brauchen onnx und onnxruntime, die nicht geladen werden können ({reason}).</translation>
    </message>
    <message>
        <source>Empty the folder.</source>
        <translation>Leeren Sie den Ordner.</translation>
    </message>
    <message>
        <source>Encoder</source>
        <translation>Encoder</translation>
    </message>
    <message>
        <source>End of the span</source>
        <translation>Ende des Abschnitts</translation>
    </message>
    <message>
        <source>End the selected span at the cursor</source>
        <translation>Den gewählten Abschnitt am Cursor beenden</translation>
    </message>
    <message>
        <source>Every computer on the local network can read the streams.</source>
        <translation>Jeder Rechner im lokalen Netz kann die Streams lesen.</translation>
    </message>
    <message>
        <source>Everyday: mostly neutral and happy</source>
        <translation>Alltag: meist neutral und fröhlich</translation>
    </message>
    <message>
        <source>Everything stays on this computer</source>
        <translation>Alles bleibt auf diesem Rechner</translation>
    </message>
    <message>
        <source>Expected</source>
        <translation>Erwartet</translation>
    </message>
    <message>
        <source>Export</source>
        <translation>Exportieren</translation>
    </message>
    <message>
        <source>Export as CSV</source>
        <translation>Als CSV exportieren</translation>
    </message>
    <message>
        <source>Export for ELAN</source>
        <translation>Für ELAN exportieren</translation>
    </message>
    <message>
        <source>Export subtitles</source>
        <translation>Untertitel exportieren</translation>
    </message>
    <message>
        <source>Export the report</source>
        <translation>Bericht exportieren</translation>
    </message>
    <message>
        <source>Exposure</source>
        <translation>Belichtung</translation>
    </message>
    <message>
        <source>Expressions</source>
        <translation>Ausdrücke</translation>
    </message>
    <message>
        <source>Face above</source>
        <translation>Gesicht darüber</translation>
    </message>
    <message>
        <source>Face below</source>
        <translation>Gesicht darunter</translation>
    </message>
    <message>
        <source>Face detector</source>
        <translation>Gesichtserkennung</translation>
    </message>
    <message>
        <source>Face numbers</source>
        <translation>Nummern der Gesichter</translation>
    </message>
    <message>
        <source>Face {number}</source>
        <translation>Gesicht {number}</translation>
    </message>
    <message>
        <source>Faces</source>
        <translation>Gesichter</translation>
    </message>
    <message>
        <source>Faces are listed here, each with its expression.</source>
        <translation>Hier stehen die Gesichter, jedes mit seinem Ausdruck.</translation>
    </message>
    <message>
        <source>Faces are unrecognisable on screen; H shows them</source>
        <translation>Gesichter sind auf dem Bildschirm unkenntlich; H zeigt sie</translation>
    </message>
    <message>
        <source>Faces from left to right</source>
        <translation>Gesichter von links nach rechts</translation>
    </message>
    <message>
        <source>Faces hidden</source>
        <translation>Gesichter verborgen</translation>
    </message>
    <message>
        <source>Faces in saved files</source>
        <translation>Gesichter in gespeicherten Dateien</translation>
    </message>
    <message>
        <source>Faces in the parts before stay visible.</source>
        <translation>In den Teilen davor bleiben Gesichter sichtbar.</translation>
    </message>
    <message>
        <source>Faces in the picture</source>
        <translation>Gesichter im Bild</translation>
    </message>
    <message>
        <source>Faster</source>
        <translation>Schneller</translation>
    </message>
    <message>
        <source>File name</source>
        <translation>Dateiname</translation>
    </message>
    <message>
        <source>Files</source>
        <translation>Dateien</translation>
    </message>
    <message>
        <source>Files: {files}. You can restore them from the bin.</source>
        <translation>Dateien: {files}. Sie lassen sich aus dem Papierkorb wiederherstellen.</translation>
    </message>
    <message>
        <source>Finding faces needs onnxruntime, which cannot be imported ({reason}).</source>
        <translation>Gesichter zu finden braucht onnxruntime, das nicht geladen werden kann ({reason}).</translation>
    </message>
    <message>
        <source>Finds faces at any angle and in poor light, and follows them cheaply.</source>
        <translation>Findet Gesichter in jeder Lage und bei schlechtem Licht und folgt ihnen sparsam.</translation>
    </message>
    <message>
        <source>Finds the same faces as Automatic, without the Haar cascade.</source>
        <translation>Findet dieselben Gesichter wie „Automatisch“, ohne die Haar-Kaskade.</translation>
    </message>
    <message>
        <source>Finds upright faces that look at the camera in good light.</source>
        <translation>Findet bei gutem Licht aufrechte Gesichter, die in die Kamera sehen.</translation>
    </message>
    <message>
        <source>Finish and quit</source>
        <translation>Abschließen und beenden</translation>
    </message>
    <message>
        <source>Finished</source>
        <translation>Zu Ende</translation>
    </message>
    <message>
        <source>First camera</source>
        <translation>Erste Kamera</translation>
    </message>
    <message>
        <source>Focus</source>
        <translation>Fokus</translation>
    </message>
    <message>
        <source>Folder</source>
        <translation>Ordner</translation>
    </message>
    <message>
        <source>Format</source>
        <translation>Format</translation>
    </message>
    <message>
        <source>Frame rate</source>
        <translation>Bildrate</translation>
    </message>
    <message>
        <source>Frames analysed per second</source>
        <translation>Analysierte Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Frames per second</source>
        <translation>Bilder pro Sekunde</translation>
    </message>
    <message>
        <source>Frames per second from the source</source>
        <translation>Bilder pro Sekunde von der Quelle</translation>
    </message>
    <message>
        <source>Frames shown or skipped without analysis since the first analysed one</source>
        <translation>Ohne Analyse gezeigte oder übersprungene Bilder seit dem ersten analysierten</translation>
    </message>
    <message>
        <source>Free some space or choose another folder; what was recorded so far can be played.</source>
        <translation>Schaffen Sie Platz, oder wählen Sie einen anderen Ordner; das bisher Aufgenommene lässt sich abspielen.</translation>
    </message>
    <message>
        <source>Full screen</source>
        <translation>Vollbild</translation>
    </message>
    <message>
        <source>General</source>
        <translation>Allgemein</translation>
    </message>
    <message>
        <source>Give a PEM file: it begins with -----BEGIN CERTIFICATE-----.</source>
        <translation>Geben Sie eine PEM-Datei an: Sie beginnt mit -----BEGIN CERTIFICATE-----.</translation>
    </message>
    <message>
        <source>Give its four characters, such as MJPG or YUYV, or nothing.</source>
        <translation>Geben Sie seine vier Zeichen an, etwa MJPG oder YUYV, oder nichts.</translation>
    </message>
    <message>
        <source>Give the face in the chart a name</source>
        <translation>Dem Gesicht im Diagramm einen Namen geben</translation>
    </message>
    <message>
        <source>Give the selected face a name</source>
        <translation>Dem gewählten Gesicht einen Namen geben</translation>
    </message>
    <message>
        <source>Give the span the first to ninth label</source>
        <translation>Dem Abschnitt das erste bis neunte Label geben</translation>
    </message>
    <message>
        <source>Go 5 seconds ahead</source>
        <translation>5 Sekunden vorgehen</translation>
    </message>
    <message>
        <source>Go 5 seconds back</source>
        <translation>5 Sekunden zurückgehen</translation>
    </message>
    <message>
        <source>Go back by 5 seconds</source>
        <translation>Um 5 Sekunden zurückgehen</translation>
    </message>
    <message>
        <source>Go on by 5 seconds</source>
        <translation>Um 5 Sekunden vorgehen</translation>
    </message>
    <message>
        <source>Go one frame ahead</source>
        <translation>Ein Bild vorgehen</translation>
    </message>
    <message>
        <source>Go one frame back</source>
        <translation>Ein Bild zurückgehen</translation>
    </message>
    <message>
        <source>Go to the beginning of the file</source>
        <translation>Zum Anfang der Datei gehen</translation>
    </message>
    <message>
        <source>Go to the end</source>
        <translation>Zum Ende gehen</translation>
    </message>
    <message>
        <source>Go to the next change of label, of the selected face or of all</source>
        <translation>Zum nächsten Wechsel des Labels gehen, des gewählten Gesichts oder aller</translation>
    </message>
    <message>
        <source>Go to the next marker</source>
        <translation>Zur nächsten Marke gehen</translation>
    </message>
    <message>
        <source>Go to the previous change of label, of the selected face or of all</source>
        <translation>Zum vorigen Wechsel des Labels gehen, des gewählten Gesichts oder aller</translation>
    </message>
    <message>
        <source>Go to the previous marker</source>
        <translation>Zur vorigen Marke gehen</translation>
    </message>
    <message>
        <source>Go to the start</source>
        <translation>Zum Anfang gehen</translation>
    </message>
    <message>
        <source>Got it</source>
        <translation>Verstanden</translation>
    </message>
    <message>
        <source>Got it: close this note</source>
        <translation>Verstanden: diesen Hinweis schließen</translation>
    </message>
    <message>
        <source>Haar cascade</source>
        <translation>Haar-Kaskade</translation>
    </message>
    <message>
        <source>Hardware if available</source>
        <translation>Hardware, falls vorhanden</translation>
    </message>
    <message>
        <source>Heat map on each face</source>
        <translation>Heatmap auf jedem Gesicht</translation>
    </message>
    <message>
        <source>Held in memory by the instant replay; press I to save it as a video</source>
        <translation>Vom Rückblick im Speicher gehalten; I speichert ihn als Video</translation>
    </message>
    <message>
        <source>Help</source>
        <translation>Hilfe</translation>
    </message>
    <message>
        <source>Hide faces on screen</source>
        <translation>Gesichter auf dem Bildschirm verbergen</translation>
    </message>
    <message>
        <source>Hide them on screen too</source>
        <translation>Auch auf dem Bildschirm verbergen</translation>
    </message>
    <message>
        <source>High</source>
        <translation>Hoch</translation>
    </message>
    <message>
        <source>Higher is steadier; lower reacts faster.</source>
        <translation>Höher ist ruhiger, niedriger reagiert schneller.</translation>
    </message>
    <message>
        <source>Hold a video file at this frame, or play on</source>
        <translation>Eine Videodatei bei diesem Bild anhalten oder weiter abspielen</translation>
    </message>
    <message>
        <source>Hold the last seconds in memory</source>
        <translation>Die letzten Sekunden im Speicher halten</translation>
    </message>
    <message>
        <source>Hold the last seconds in memory, so that you can save them afterwards</source>
        <translation>Die letzten Sekunden im Speicher halten, um sie nachträglich zu speichern</translation>
    </message>
    <message>
        <source>In eight bits {model} answers differently on this computer.</source>
        <translation>Mit acht Bit antwortet {model} auf diesem Computer anders.</translation>
    </message>
    <message>
        <source>In the EU, inferring emotions there is prohibited, except for medical or safety reasons: AI Act, Regulation (EU) 2024/1689, Art. 5(1)(f).</source>
        <translation>In der EU ist es dort verboten, Emotionen abzuleiten, außer aus medizinischen Gründen oder zur Sicherheit: KI-Verordnung (EU) 2024/1689, Art. 5 Abs. 1 Buchst. f.</translation>
    </message>
    <message>
        <source>Install OBS, or Unity Capture, then start fer_live again.</source>
        <translation>Installieren Sie OBS oder Unity Capture, und starten Sie fer_live neu.</translation>
    </message>
    <message>
        <source>Install OBS, start its virtual camera once, then stop it.</source>
        <translation>Installieren Sie OBS, und starten und stoppen Sie dessen virtuelle Kamera einmal.</translation>
    </message>
    <message>
        <source>Install both with pip, or leave --precision out.</source>
        <translation>Installieren Sie beide mit pip, oder lassen Sie --precision weg.</translation>
    </message>
    <message>
        <source>Install it with pip, or search pictures with the detector haar.</source>
        <translation>Installieren Sie es mit pip, oder suchen Sie in Bildern mit dem Detektor haar.</translation>
    </message>
    <message>
        <source>Install it with: pip install &apos;fer-live[parquet]&apos;, or choose a name ending in .csv.</source>
        <translation>Installieren Sie sie mit: pip install &apos;fer-live[parquet]&apos;, oder wählen Sie einen Namen mit .csv.</translation>
    </message>
    <message>
        <source>Install it with: {command}.</source>
        <translation>Installieren Sie sie mit: {command}.</translation>
    </message>
    <message>
        <source>Install the NVIDIA driver and a CUDA build of PyTorch, or use --device cpu.</source>
        <translation>Installieren Sie den NVIDIA-Treiber und PyTorch mit CUDA, oder wählen Sie die CPU.</translation>
    </message>
    <message>
        <source>Install the newest pylsl, which brings it, or: conda install -c conda-forge liblsl.</source>
        <translation>Installieren Sie das neueste pylsl, das sie mitbringt, oder: conda install -c conda-forge liblsl.</translation>
    </message>
    <message>
        <source>Install the optional part: {command}.</source>
        <translation>Installieren Sie den Zusatz: {command}.</translation>
    </message>
    <message>
        <source>Install v4l2loopback-dkms, then: sudo modprobe v4l2loopback exclusive_caps=1.</source>
        <translation>Installieren Sie v4l2loopback-dkms, dann: sudo modprobe v4l2loopback exclusive_caps=1.</translation>
    </message>
    <message>
        <source>Instant replay</source>
        <translation>Rückblick</translation>
    </message>
    <message>
        <source>It continues by itself when the source is back.</source>
        <translation>Es geht von selbst weiter, sobald die Quelle wieder da ist.</translation>
    </message>
    <message>
        <source>It holds other things ({things}).</source>
        <translation>Er enthält anderes ({things}).</translation>
    </message>
    <message>
        <source>It is not possible to listen on {host} port {port}: {reason}.</source>
        <translation>Auf {host} Port {port} lässt sich nicht lauschen: {reason}.</translation>
    </message>
    <message>
        <source>It may be unplugged or disconnected; it is picked up again when it returns.</source>
        <translation>Vielleicht ist die Verbindung getrennt; es geht weiter, sobald sie wieder da ist.</translation>
    </message>
    <message>
        <source>It offers at most {rate} at this size: choose that, or a smaller size.</source>
        <translation>Bei dieser Größe bietet sie höchstens {rate}: Wählen Sie diese Rate oder eine kleinere Größe.</translation>
    </message>
    <message>
        <source>It starts by itself as soon as it is free.</source>
        <translation>Sie startet von selbst, sobald sie frei ist.</translation>
    </message>
    <message>
        <source>It starts when you plug it in. Or choose another camera, open a video file, or play the built-in demo.</source>
        <translation>Sie startet, sobald Sie sie anschließen. Oder wählen Sie eine andere Kamera, öffnen Sie eine Videodatei, oder spielen Sie die eingebaute Demo ab.</translation>
    </message>
    <message>
        <source>Its Qt Multimedia contains FFmpeg ({licence}).</source>
        <translation>Sein Qt Multimedia enthält FFmpeg ({licence}).</translation>
    </message>
    <message>
        <source>Its options are numbers: {options}, as in demo?faces=4&amp;width=640&amp;height=360.</source>
        <translation>Ihre Optionen sind Zahlen: {options}, wie in demo?faces=4&amp;width=640&amp;height=360.</translation>
    </message>
    <message>
        <source>Its text is in {path}.</source>
        <translation>Der Text steht in {path}.</translation>
    </message>
    <message>
        <source>JSON Lines</source>
        <translation>JSON Lines</translation>
    </message>
    <message>
        <source>Jitter</source>
        <translation>Schwankung</translation>
    </message>
    <message>
        <source>Keep recording</source>
        <translation>Weiter aufnehmen</translation>
    </message>
    <message>
        <source>Keep the window above all others</source>
        <translation>Das Fenster über allen anderen halten</translation>
    </message>
    <message>
        <source>Kept: {files}.</source>
        <translation>Erhalten: {files}.</translation>
    </message>
    <message>
        <source>Keyboard shortcuts</source>
        <translation>Tastenkürzel</translation>
    </message>
    <message>
        <source>Kind</source>
        <translation>Art</translation>
    </message>
    <message>
        <source>Lab Streaming Layer</source>
        <translation>Lab Streaming Layer</translation>
    </message>
    <message>
        <source>Label</source>
        <translation>Label</translation>
    </message>
    <message>
        <source>Label as logged</source>
        <translation>Label wie protokolliert</translation>
    </message>
    <message>
        <source>Label the selected span</source>
        <translation>Dem gewählten Abschnitt ein Label geben</translation>
    </message>
    <message>
        <source>Language</source>
        <translation>Sprache</translation>
    </message>
    <message>
        <source>Last minute</source>
        <translation>Letzte Minute</translation>
    </message>
    <message>
        <source>Latency {time}</source>
        <translation>Latenz {time}</translation>
    </message>
    <message>
        <source>Leave --precision out, or add them with fer-live release --ranges-only.</source>
        <translation>Lassen Sie --precision weg, oder ergänzen Sie sie mit fer-live release --ranges-only.</translation>
    </message>
    <message>
        <source>Leave --precision out, or use a released model.</source>
        <translation>Lassen Sie --precision weg, oder nehmen Sie ein mitgeliefertes Modell.</translation>
    </message>
    <message>
        <source>Leave full screen, or the compact window</source>
        <translation>Vollbild oder kompaktes Fenster verlassen</translation>
    </message>
    <message>
        <source>Leave out</source>
        <translation>Auslassen</translation>
    </message>
    <message>
        <source>Leave that part out first if it is a mistake of the detector.</source>
        <translation>Lassen Sie diesen Abschnitt zuerst aus, wenn sich die Gesichtserkennung irrt.</translation>
    </message>
    <message>
        <source>Leave the selected span out of exports and report</source>
        <translation>Den gewählten Abschnitt in Exporten und Bericht auslassen</translation>
    </message>
    <message>
        <source>Leave the span out</source>
        <translation>Abschnitt auslassen</translation>
    </message>
    <message>
        <source>Length</source>
        <translation>Länge</translation>
    </message>
    <message>
        <source>Light</source>
        <translation>Hell</translation>
    </message>
    <message>
        <source>List the keyboard shortcuts</source>
        <translation>Die Tastenkürzel auflisten</translation>
    </message>
    <message>
        <source>List the sessions, recordings and snapshots in the recordings folder</source>
        <translation>Die Sitzungen, Aufnahmen und Fotos im Aufnahmeordner auflisten</translation>
    </message>
    <message>
        <source>Live outputs: {figures}</source>
        <translation>Live-Ausgaben: {figures}</translation>
    </message>
    <message>
        <source>Loading the model…</source>
        <translation>Das Modell wird geladen …</translation>
    </message>
    <message>
        <source>Log</source>
        <translation>Protokoll</translation>
    </message>
    <message>
        <source>Logged {file}.</source>
        <translation>{file} protokolliert.</translation>
    </message>
    <message>
        <source>Logs and outputs</source>
        <translation>Protokolle und Ausgaben</translation>
    </message>
    <message>
        <source>Look at the program that reads it.</source>
        <translation>Sehen Sie nach dem Programm, das sie liest.</translation>
    </message>
    <message>
        <source>Look for cameras again</source>
        <translation>Kameras neu suchen</translation>
    </message>
    <message>
        <source>Looking for cameras…</source>
        <translation>Kameras werden gesucht …</translation>
    </message>
    <message>
        <source>Made with MakeHuman&apos;s data; no person like them exists.</source>
        <translation>Mit den Daten von MakeHuman gemacht; niemand wie sie existiert.</translation>
    </message>
    <message>
        <source>Make faces unrecognisable in the window and in files saved from now on</source>
        <translation>Gesichter im Fenster und in ab jetzt gespeicherten Dateien unkenntlich machen</translation>
    </message>
    <message>
        <source>Make it smaller, or raise the limit (--max-megapixels).</source>
        <translation>Verkleinern Sie es, oder heben Sie die Grenze an (max_megapixels).</translation>
    </message>
    <message>
        <source>Make the folder writable, or set FER_LIVE_CONFIG_DIR to another one.</source>
        <translation>Machen Sie den Ordner beschreibbar, oder setzen Sie FER_LIVE_CONFIG_DIR auf einen anderen.</translation>
    </message>
    <message>
        <source>Make the folder writable; until then they last as long as this window.</source>
        <translation>Machen Sie den Ordner beschreibbar; bis dahin bleiben sie, solange dieses Fenster offen ist.</translation>
    </message>
    <message>
        <source>Marker</source>
        <translation>Marke</translation>
    </message>
    <message>
        <source>Marker {number}</source>
        <translation>Marke {number}</translation>
    </message>
    <message>
        <source>Marker {number} is {place} only: {reason}</source>
        <translation>Marke {number} steht nur {place}: {reason}</translation>
    </message>
    <message>
        <source>Marker {number} was not set: {reason}</source>
        <translation>Marke {number} wurde nicht gesetzt: {reason}</translation>
    </message>
    <message>
        <source>Markers</source>
        <translation>Marken</translation>
    </message>
    <message>
        <source>Matplotlib&apos;s own (BSD style)</source>
        <translation>eigene von Matplotlib (nach Art der BSD)</translation>
    </message>
    <message>
        <source>Measure the camera&apos;s rate, exposure and delay, and say what to change</source>
        <translation>Bildrate, Belichtung und Verzögerung der Kamera messen und sagen, was zu ändern ist</translation>
    </message>
    <message>
        <source>Merge</source>
        <translation>Vereinen</translation>
    </message>
    <message>
        <source>Merge the selected face into another</source>
        <translation>Das gewählte Gesicht mit einem anderen vereinen</translation>
    </message>
    <message>
        <source>Mirror</source>
        <translation>Spiegeln</translation>
    </message>
    <message>
        <source>Model</source>
        <translation>Modell</translation>
    </message>
    <message>
        <source>Model {name}</source>
        <translation>Modell {name}</translation>
    </message>
    <message>
        <source>More</source>
        <translation>Mehr</translation>
    </message>
    <message>
        <source>More tools</source>
        <translation>Weitere Werkzeuge</translation>
    </message>
    <message numerus="yes">
        <source>Move %Ln entries to the bin?</source>
        <translation>
            <numerusform>%Ln&#xa0;Eintrag in den Papierkorb verschieben?</numerusform>
            <numerusform>%Ln&#xa0;Einträge in den Papierkorb verschieben?</numerusform>
        </translation>
    </message>
    <message>
        <source>Move to the bin</source>
        <translation>In den Papierkorb</translation>
    </message>
    <message>
        <source>Move “{file}” to the bin?</source>
        <translation>„{file}“ in den Papierkorb verschieben?</translation>
    </message>
    <message numerus="yes">
        <source>Moved %Ln file(s) to the bin.</source>
        <translation>
            <numerusform>%Ln&#xa0;Datei in den Papierkorb verschoben.</numerusform>
            <numerusform>%Ln&#xa0;Dateien in den Papierkorb verschoben.</numerusform>
        </translation>
    </message>
    <message>
        <source>Mute the sound</source>
        <translation>Ton ausschalten</translation>
    </message>
    <message>
        <source>NVIDIA graphics (CUDA)</source>
        <translation>NVIDIA-Grafik (CUDA)</translation>
    </message>
    <message>
        <source>NVIDIA&apos;s own licences, proprietary</source>
        <translation>eigene Lizenzen von NVIDIA, proprietär</translation>
    </message>
    <message>
        <source>Name</source>
        <translation>Name</translation>
    </message>
    <message>
        <source>Name a .safetensors file, which models are kept in.</source>
        <translation>Nennen Sie eine .safetensors-Datei: darin stehen Modelle.</translation>
    </message>
    <message>
        <source>Name a face</source>
        <translation>Gesicht benennen</translation>
    </message>
    <message>
        <source>Name of face {number}, shown in the picture and written to log, report and recording.
Leave it empty for no name.</source>
        <translation>Name von Gesicht {number}, im Bild gezeigt und in Protokoll, Bericht und Aufnahme geschrieben.
Lassen Sie das Feld leer für keinen Namen.</translation>
    </message>
    <message>
        <source>Name the receiver&apos;s port.</source>
        <translation>Nennen Sie den Port des Empfängers.</translation>
    </message>
    <message>
        <source>Name the selected face…</source>
        <translation>Gewähltes Gesicht benennen …</translation>
    </message>
    <message>
        <source>Name this face…</source>
        <translation>Dieses Gesicht benennen …</translation>
    </message>
    <message>
        <source>Never</source>
        <translation>Nie</translation>
    </message>
    <message>
        <source>Next change</source>
        <translation>Nächster Wechsel</translation>
    </message>
    <message>
        <source>Next frame or picture</source>
        <translation>Nächstes Bild</translation>
    </message>
    <message>
        <source>Next marker</source>
        <translation>Nächste Marke</translation>
    </message>
    <message>
        <source>No camera found</source>
        <translation>Keine Kamera gefunden</translation>
    </message>
    <message>
        <source>No camera was found here.</source>
        <translation>Hier wurde keine Kamera gefunden.</translation>
    </message>
    <message>
        <source>No camera was found.</source>
        <translation>Es wurde keine Kamera gefunden.</translation>
    </message>
    <message>
        <source>No face in the picture.</source>
        <translation>Kein Gesicht im Bild.</translation>
    </message>
    <message>
        <source>No marker was set: the recording has not started yet</source>
        <translation>Keine Marke gesetzt: Die Aufnahme hat noch nicht begonnen</translation>
    </message>
    <message>
        <source>No picture in {folder} can be read ({number} tried).</source>
        <translation>Kein Bild in {folder} lässt sich lesen ({number} versucht).</translation>
    </message>
    <message>
        <source>No pictures, numbers only</source>
        <translation>Keine Bilder, nur Zahlen</translation>
    </message>
    <message>
        <source>No program on this computer opens the folder.</source>
        <translation>Kein Programm auf diesem Rechner öffnet den Ordner.</translation>
    </message>
    <message>
        <source>No program on this computer opens {file}.</source>
        <translation>Kein Programm auf diesem Rechner öffnet {file}.</translation>
    </message>
    <message>
        <source>No program reads from the pipe {path}.</source>
        <translation>Kein Programm liest aus der Pipe {path}.</translation>
    </message>
    <message>
        <source>No row of {file} can be read; the trouble is {trouble}.</source>
        <translation>Keine Zeile von {file} lässt sich lesen; der Grund ist {trouble}.</translation>
    </message>
    <message>
        <source>No video</source>
        <translation>Kein Video</translation>
    </message>
    <message>
        <source>None</source>
        <translation>Keins</translation>
    </message>
    <message>
        <source>None was found for this log. The timeline can be reviewed without one.</source>
        <translation>Zu diesem Protokoll wurde keines gefunden. Die Zeitleiste lässt sich auch ohne Video prüfen.</translation>
    </message>
    <message>
        <source>Not analysed {number}</source>
        <translation>Nicht analysiert {number}</translation>
    </message>
    <message>
        <source>Not for people at work or in education</source>
        <translation>Nicht für Menschen bei der Arbeit oder in der Bildung</translation>
    </message>
    <message>
        <source>Not in the video</source>
        <translation>Nicht im Video</translation>
    </message>
    <message>
        <source>Not running</source>
        <translation>Läuft nicht</translation>
    </message>
    <message>
        <source>Note for a marker at {time}:</source>
        <translation>Notiz für eine Marke bei {time}:</translation>
    </message>
    <message>
        <source>Note for marker {number}</source>
        <translation>Notiz für Marke {number}</translation>
    </message>
    <message>
        <source>Note for this marker, then Enter</source>
        <translation>Notiz zu dieser Marke, dann Eingabetaste</translation>
    </message>
    <message>
        <source>Note of marker {number}:</source>
        <translation>Notiz von Marke {number}:</translation>
    </message>
    <message>
        <source>Nothing is playing</source>
        <translation>Nichts wird abgespielt</translation>
    </message>
    <message>
        <source>Nothing is playing.</source>
        <translation>Nichts wird abgespielt.</translation>
    </message>
    <message>
        <source>Nothing matches the search.</source>
        <translation>Nichts passt zur Suche.</translation>
    </message>
    <message>
        <source>Nothing needs to be changed.</source>
        <translation>Es ist nichts zu ändern.</translation>
    </message>
    <message>
        <source>Nothing was logged: no frame arrived.</source>
        <translation>Nichts wurde protokolliert: Es kam kein Bild an.</translation>
    </message>
    <message>
        <source>Nothing was recorded at this time.</source>
        <translation>Zu dieser Zeit wurde nichts aufgenommen.</translation>
    </message>
    <message>
        <source>Nothing was recorded in {folder} yet.</source>
        <translation>In {folder} wurde noch nichts aufgenommen.</translation>
    </message>
    <message>
        <source>Nothing was recorded: no frame arrived.</source>
        <translation>Nichts wurde aufgenommen: Es kam kein Bild an.</translation>
    </message>
    <message>
        <source>OSC</source>
        <translation>OSC</translation>
    </message>
    <message>
        <source>OSC messages cannot go to port 0.</source>
        <translation>OSC-Nachrichten können nicht an Port 0 gehen.</translation>
    </message>
    <message>
        <source>On by 5 seconds</source>
        <translation>5 Sekunden vor</translation>
    </message>
    <message>
        <source>On the video</source>
        <translation>Im Video</translation>
    </message>
    <message>
        <source>One frame ahead</source>
        <translation>Ein Bild vor</translation>
    </message>
    <message>
        <source>One frame back</source>
        <translation>Ein Bild zurück</translation>
    </message>
    <message>
        <source>Only {rate} of {asked} frames a second arrive, because the camera exposes longer in low light.</source>
        <translation>Es kommen nur {rate} von {asked} Bildern pro Sekunde an, weil die Kamera bei wenig Licht länger belichtet.</translation>
    </message>
    <message>
        <source>Only {rate} of {asked} frames a second arrive.</source>
        <translation>Es kommen nur {rate} von {asked} Bildern pro Sekunde an.</translation>
    </message>
    <message>
        <source>Only {rate} of {asked} frames a second arrive: {kind} pictures of this size are more than USB 2 carries.</source>
        <translation>Es kommen nur {rate} von {asked} Bildern pro Sekunde an: {kind}-Bilder dieser Größe sind mehr, als USB 2 überträgt.</translation>
    </message>
    <message>
        <source>Open</source>
        <translation>Öffnen</translation>
    </message>
    <message>
        <source>Open a file</source>
        <translation>Datei öffnen</translation>
    </message>
    <message>
        <source>Open a file…</source>
        <translation>Datei öffnen …</translation>
    </message>
    <message>
        <source>Open a folder of pictures</source>
        <translation>Bilderordner öffnen</translation>
    </message>
    <message>
        <source>Open a folder of pictures…</source>
        <translation>Bilderordner öffnen …</translation>
    </message>
    <message>
        <source>Open a session</source>
        <translation>Sitzung öffnen</translation>
    </message>
    <message>
        <source>Open a session…</source>
        <translation>Sitzung öffnen …</translation>
    </message>
    <message>
        <source>Open an address</source>
        <translation>Adresse öffnen</translation>
    </message>
    <message>
        <source>Open an address…</source>
        <translation>Adresse öffnen …</translation>
    </message>
    <message>
        <source>Open another session log</source>
        <translation>Ein anderes Sitzungsprotokoll öffnen</translation>
    </message>
    <message>
        <source>Open the folder</source>
        <translation>Ordner öffnen</translation>
    </message>
    <message>
        <source>Open the folder with snapshots and recordings</source>
        <translation>Den Ordner mit Fotos und Aufnahmen öffnen</translation>
    </message>
    <message>
        <source>Open the list of cameras and other sources</source>
        <translation>Die Liste der Kameras und anderen Quellen öffnen</translation>
    </message>
    <message>
        <source>Open the log itself, or name it {name}.</source>
        <translation>Öffnen Sie das Protokoll selbst, oder nennen Sie es {name}.</translation>
    </message>
    <message>
        <source>Open the recordings folder</source>
        <translation>Aufnahmeordner öffnen</translation>
    </message>
    <message>
        <source>OpenFace, then fer_live</source>
        <translation>OpenFace, dann fer_live</translation>
    </message>
    <message>
        <source>Opening the demo and the model…</source>
        <translation>Demo und Modell werden geöffnet …</translation>
    </message>
    <message>
        <source>Opening the demo…</source>
        <translation>Die Demo wird geöffnet …</translation>
    </message>
    <message>
        <source>Opening the first camera and the model…</source>
        <translation>Erste Kamera und Modell werden geöffnet …</translation>
    </message>
    <message>
        <source>Opening the first camera…</source>
        <translation>Die erste Kamera wird geöffnet …</translation>
    </message>
    <message>
        <source>Opening {source} and the model…</source>
        <translation>{source} und Modell werden geöffnet …</translation>
    </message>
    <message>
        <source>Opening {source} was interrupted.</source>
        <translation>Das Öffnen von {source} wurde unterbrochen.</translation>
    </message>
    <message>
        <source>Opening {source}…</source>
        <translation>{source} wird geöffnet …</translation>
    </message>
    <message>
        <source>Or allow desktop apps: Settings, Privacy, Camera.</source>
        <translation>Oder erlauben Sie den Zugriff für Desktop-Apps: Einstellungen, Datenschutz, Kamera.</translation>
    </message>
    <message>
        <source>Order the cards as the faces stand in the picture, not by number</source>
        <translation>Die Karten wie die Gesichter im Bild ordnen statt nach Nummern</translation>
    </message>
    <message>
        <source>Outputs</source>
        <translation>Ausgaben</translation>
    </message>
    <message>
        <source>Pages of the settings</source>
        <translation>Seiten der Einstellungen</translation>
    </message>
    <message>
        <source>Parquet</source>
        <translation>Parquet</translation>
    </message>
    <message>
        <source>Parquet (not installed)</source>
        <translation>Parquet (nicht installiert)</translation>
    </message>
    <message>
        <source>Parquet logs need the library pyarrow.</source>
        <translation>Parquet-Protokolle brauchen die Bibliothek pyarrow.</translation>
    </message>
    <message>
        <source>Part of the session shown</source>
        <translation>Gezeigter Teil der Sitzung</translation>
    </message>
    <message>
        <source>Part {number} starts</source>
        <translation>Teil {number} beginnt</translation>
    </message>
    <message>
        <source>Pause</source>
        <translation>Pause</translation>
    </message>
    <message>
        <source>Pause or resume the recording</source>
        <translation>Die Aufnahme anhalten oder fortsetzen</translation>
    </message>
    <message>
        <source>Pause the recording</source>
        <translation>Aufnahme anhalten</translation>
    </message>
    <message>
        <source>Pause the video</source>
        <translation>Video anhalten</translation>
    </message>
    <message>
        <source>Pause, and go back by one frame or picture</source>
        <translation>Anhalten und ein Bild zurückgehen</translation>
    </message>
    <message>
        <source>Pause, and go on by one frame or picture</source>
        <translation>Anhalten und ein Bild vorgehen</translation>
    </message>
    <message>
        <source>Paused</source>
        <translation>Angehalten</translation>
    </message>
    <message>
        <source>Pictures</source>
        <translation>Bilder</translation>
    </message>
    <message>
        <source>Pictures are analysed here and not kept. Nothing is sent anywhere, and nothing is saved unless you take a snapshot, record or log.</source>
        <translation>Bilder werden hier analysiert und nicht behalten. Nichts wird gesendet, und nichts wird gespeichert, außer Sie machen ein Foto, eine Aufnahme oder ein Protokoll.</translation>
    </message>
    <message>
        <source>Pictures of the kind {kind} cannot be used.</source>
        <translation>Bilder der Art {kind} lassen sich nicht verwenden.</translation>
    </message>
    <message>
        <source>Pixelated</source>
        <translation>Verpixelt</translation>
    </message>
    <message>
        <source>Placeholders: {fields}.</source>
        <translation>Platzhalter: {fields}.</translation>
    </message>
    <message>
        <source>Placeholders: {fields}. Existing files are never overwritten.</source>
        <translation>Platzhalter: {fields}. Vorhandene Dateien werden nie überschrieben.</translation>
    </message>
    <message>
        <source>Play</source>
        <translation>Abspielen</translation>
    </message>
    <message>
        <source>Play a file faster, up to four times its speed</source>
        <translation>Eine Datei schneller abspielen, bis zum Vierfachen</translation>
    </message>
    <message>
        <source>Play a file slower, down to a quarter of its speed</source>
        <translation>Eine Datei langsamer abspielen, bis zu einem Viertel</translation>
    </message>
    <message>
        <source>Play a network camera or stream (RTSP, MJPEG)</source>
        <translation>Eine Netzwerkkamera oder einen Stream abspielen (RTSP, MJPEG)</translation>
    </message>
    <message>
        <source>Play a video file or show a picture</source>
        <translation>Eine Videodatei abspielen oder ein Bild zeigen</translation>
    </message>
    <message>
        <source>Play again</source>
        <translation>Noch einmal</translation>
    </message>
    <message>
        <source>Play at half the speed, at least 0.25</source>
        <translation>Halb so schnell abspielen, mindestens 0,25-fach</translation>
    </message>
    <message>
        <source>Play at twice the speed, at most 4</source>
        <translation>Doppelt so schnell abspielen, höchstens 4-fach</translation>
    </message>
    <message>
        <source>Play files without sound, or with it again</source>
        <translation>Dateien ohne Ton abspielen, oder wieder mit Ton</translation>
    </message>
    <message>
        <source>Play it instead.</source>
        <translation>Spielen Sie die Datei ab.</translation>
    </message>
    <message>
        <source>Play or pause the video</source>
        <translation>Das Video abspielen oder anhalten</translation>
    </message>
    <message>
        <source>Play the built-in demo with four people</source>
        <translation>Die eingebaute Demo mit vier Personen abspielen</translation>
    </message>
    <message>
        <source>Play the built-in demo: no camera and no network needed</source>
        <translation>Die eingebaute Demo abspielen: ohne Kamera und ohne Netz</translation>
    </message>
    <message>
        <source>Play the demo</source>
        <translation>Demo abspielen</translation>
    </message>
    <message>
        <source>Play the pictures in a folder</source>
        <translation>Die Bilder eines Ordners abspielen</translation>
    </message>
    <message>
        <source>Play the video</source>
        <translation>Video abspielen</translation>
    </message>
    <message>
        <source>Playback</source>
        <translation>Wiedergabe</translation>
    </message>
    <message>
        <source>Player</source>
        <translation>Player</translation>
    </message>
    <message>
        <source>Please report it with the details.</source>
        <translation>Bitte melden Sie ihn mit den Details.</translation>
    </message>
    <message>
        <source>Please report it with the details. The rest of the window keeps working.</source>
        <translation>Bitte melden Sie ihn mit den Details. Der Rest des Fensters funktioniert weiter.</translation>
    </message>
    <message>
        <source>Please report it, with the details.</source>
        <translation>Bitte melden Sie ihn, mit den Einzelheiten.</translation>
    </message>
    <message>
        <source>Plug one in and it starts by itself. Or open a video file, or play the built-in demo.</source>
        <translation>Schließen Sie eine an, dann startet sie von selbst. Oder öffnen Sie eine Videodatei, oder spielen Sie die eingebaute Demo ab.</translation>
    </message>
    <message>
        <source>Plug one in, open a file or play the demo.</source>
        <translation>Schließen Sie eine an, öffnen Sie eine Datei, oder spielen Sie die Demo ab.</translation>
    </message>
    <message>
        <source>Port {port} is already in use.</source>
        <translation>Port {port} ist schon belegt.</translation>
    </message>
    <message>
        <source>Port {port} may not be used without special rights.</source>
        <translation>Port {port} ist ohne besondere Rechte nicht erlaubt.</translation>
    </message>
    <message>
        <source>Posed: every expression alike</source>
        <translation>Gestellt: jeder Ausdruck gleich oft</translation>
    </message>
    <message>
        <source>Position in the file</source>
        <translation>Position in der Datei</translation>
    </message>
    <message>
        <source>Previous change</source>
        <translation>Voriger Wechsel</translation>
    </message>
    <message>
        <source>Previous frame or picture</source>
        <translation>Voriges Bild</translation>
    </message>
    <message>
        <source>Previous marker</source>
        <translation>Vorige Marke</translation>
    </message>
    <message>
        <source>Probabilities</source>
        <translation>Wahrscheinlichkeiten</translation>
    </message>
    <message>
        <source>Probabilities over the last minute</source>
        <translation>Wahrscheinlichkeiten in der letzten Minute</translation>
    </message>
    <message>
        <source>Processor (CPU)</source>
        <translation>Prozessor (CPU)</translation>
    </message>
    <message>
        <source>Program to label</source>
        <translation>Programm bis Anzeige</translation>
    </message>
    <message>
        <source>Publish streams</source>
        <translation>Streams veröffentlichen</translation>
    </message>
    <message>
        <source>PyAV&apos;s wheel contains FFmpeg (LGPL) together with x264 and x265 (GPL): anyone who distributes the wheel must give its recipients the source under the GPL.</source>
        <translation>Das Wheel von PyAV enthält FFmpeg (LGPL) zusammen mit x264 und x265 (GPL): Wer das Wheel weitergibt, schuldet den Empfängern den Quelltext nach der GPL.</translation>
    </message>
    <message>
        <source>Qt for Python stays a library of its own that can be replaced, as the LGPL asks.</source>
        <translation>Qt for Python bleibt eine eigene, austauschbare Bibliothek, wie es die LGPL verlangt.</translation>
    </message>
    <message>
        <source>Quality</source>
        <translation>Qualität</translation>
    </message>
    <message>
        <source>Quit</source>
        <translation>Beenden</translation>
    </message>
    <message>
        <source>Rate as granted</source>
        <translation>Zugesagte Rate</translation>
    </message>
    <message>
        <source>Reading an encrypted HLS stream needs the library cryptography.</source>
        <translation>Ein verschlüsselter HLS-Stream braucht die Bibliothek cryptography.</translation>
    </message>
    <message>
        <source>Reading the folder…</source>
        <translation>Der Ordner wird gelesen …</translation>
    </message>
    <message>
        <source>Ready</source>
        <translation>Bereit</translation>
    </message>
    <message>
        <source>Recent</source>
        <translation>Zuletzt verwendet</translation>
    </message>
    <message>
        <source>Record</source>
        <translation>Aufnehmen</translation>
    </message>
    <message>
        <source>Record a video</source>
        <translation>Ein Video aufnehmen</translation>
    </message>
    <message>
        <source>Recorded {files}.</source>
        <translation>{files} aufgenommen.</translation>
    </message>
    <message>
        <source>Recorded {number} parts, {first} …</source>
        <translation>{number} Teile aufgenommen, {first} …</translation>
    </message>
    <message>
        <source>Recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>Recording and log</source>
        <translation>Aufnahme und Protokoll</translation>
    </message>
    <message>
        <source>Recording paused</source>
        <translation>Aufnahme angehalten</translation>
    </message>
    <message>
        <source>Recording resumed</source>
        <translation>Aufnahme fortgesetzt</translation>
    </message>
    <message>
        <source>Recordings</source>
        <translation>Aufnahmen</translation>
    </message>
    <message>
        <source>Redo</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Redo it</source>
        <translation>Wiederherstellen</translation>
    </message>
    <message>
        <source>Rename the file or folder.</source>
        <translation>Benennen Sie die Datei oder den Ordner um.</translation>
    </message>
    <message>
        <source>Repeat</source>
        <translation>Wiederholen</translation>
    </message>
    <message>
        <source>Replay</source>
        <translation>Rückblick</translation>
    </message>
    <message>
        <source>Replay {seconds} s</source>
        <translation>Rückblick {seconds} s</translation>
    </message>
    <message>
        <source>Report from a log…</source>
        <translation>Bericht aus Protokoll …</translation>
    </message>
    <message>
        <source>Report from a session log</source>
        <translation>Bericht aus einem Sitzungsprotokoll</translation>
    </message>
    <message>
        <source>Resolution</source>
        <translation>Auflösung</translation>
    </message>
    <message>
        <source>Restore the logged label over the span</source>
        <translation>Im Abschnitt das protokollierte Label wiederherstellen</translation>
    </message>
    <message>
        <source>Resume</source>
        <translation>Fortsetzen</translation>
    </message>
    <message>
        <source>Resume the recording</source>
        <translation>Aufnahme fortsetzen</translation>
    </message>
    <message>
        <source>Review</source>
        <translation>Prüfen</translation>
    </message>
    <message>
        <source>Review a session: its video, labels and markers over time</source>
        <translation>Eine Sitzung prüfen: Video, Labels und Marken im Zeitverlauf</translation>
    </message>
    <message>
        <source>Runs on</source>
        <translation>Läuft auf</translation>
    </message>
    <message>
        <source>Save a picture, and its faces as JSON</source>
        <translation>Ein Bild speichern, und seine Gesichter als JSON</translation>
    </message>
    <message>
        <source>Save it again with plain numbers and times as 2026-05-04T12:00:00+02:00, or use the log as it was written.</source>
        <translation>Speichern Sie es noch einmal mit einfachen Zahlen und Zeiten wie 2026-05-04T12:00:00+02:00, oder nehmen Sie das Protokoll, wie es geschrieben wurde.</translation>
    </message>
    <message>
        <source>Save the last seconds, held by the instant replay</source>
        <translation>Die letzten Sekunden speichern, die der Rückblick hält</translation>
    </message>
    <message>
        <source>Save the replay</source>
        <translation>Rückblick speichern</translation>
    </message>
    <message>
        <source>Save, copy or download it again.</source>
        <translation>Speichern, kopieren oder laden Sie es noch einmal.</translation>
    </message>
    <message>
        <source>Saved the report {file}.</source>
        <translation>Bericht {file} gespeichert.</translation>
    </message>
    <message>
        <source>Saved {files}.</source>
        <translation>{files} gespeichert.</translation>
    </message>
    <message>
        <source>Saving pictures is turned off, so the recording has ended.</source>
        <translation>Das Speichern von Bildern ist ausgeschaltet, daher ist die Aufnahme beendet.</translation>
    </message>
    <message>
        <source>Saving pictures is turned off.</source>
        <translation>Das Speichern von Bildern ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>Saving the replay…</source>
        <translation>Der Rückblick wird gespeichert …</translation>
    </message>
    <message>
        <source>Saving the snapshot…</source>
        <translation>Das Foto wird gespeichert …</translation>
    </message>
    <message>
        <source>Saving…</source>
        <translation>Speichern …</translation>
    </message>
    <message>
        <source>Say which faces are too small, too dark, turned away or otherwise hard to read</source>
        <translation>Sagen, welche Gesichter zu klein, zu dunkel, abgewandt oder sonst schwer zu lesen sind</translation>
    </message>
    <message>
        <source>Search by name, kind or date</source>
        <translation>Nach Name, Art oder Datum suchen</translation>
    </message>
    <message>
        <source>Select the face above</source>
        <translation>Das Gesicht darüber wählen</translation>
    </message>
    <message>
        <source>Select the face below</source>
        <translation>Das Gesicht darunter wählen</translation>
    </message>
    <message>
        <source>Send OSC messages</source>
        <translation>OSC-Nachrichten senden</translation>
    </message>
    <message>
        <source>Send the video to a virtual camera</source>
        <translation>Das Video an eine virtuelle Kamera senden</translation>
    </message>
    <message>
        <source>Serve results and the overlay page</source>
        <translation>Ergebnisse und Overlay-Seite bereitstellen</translation>
    </message>
    <message>
        <source>Session</source>
        <translation>Sitzung</translation>
    </message>
    <message>
        <source>Session log</source>
        <translation>Sitzungsprotokoll</translation>
    </message>
    <message>
        <source>Session logs</source>
        <translation>Sitzungsprotokolle</translation>
    </message>
    <message>
        <source>Sessions and recordings</source>
        <translation>Sitzungen und Aufnahmen</translation>
    </message>
    <message>
        <source>Sessions and recordings…</source>
        <translation>Sitzungen und Aufnahmen …</translation>
    </message>
    <message>
        <source>Sessions, recordings and snapshots</source>
        <translation>Sitzungen, Aufnahmen und Fotos</translation>
    </message>
    <message>
        <source>Set a marker</source>
        <translation>Marke setzen</translation>
    </message>
    <message>
        <source>Set a marker and type a note</source>
        <translation>Eine Marke setzen und eine Notiz eingeben</translation>
    </message>
    <message>
        <source>Set a marker at the cursor</source>
        <translation>Eine Marke am Cursor setzen</translation>
    </message>
    <message>
        <source>Set a marker at the cursor and type a note</source>
        <translation>Eine Marke am Cursor setzen und eine Notiz eingeben</translation>
    </message>
    <message>
        <source>Set a marker in the recording and the log</source>
        <translation>Eine Marke in Aufnahme und Protokoll setzen</translation>
    </message>
    <message>
        <source>Set a marker with a note…</source>
        <translation>Marke mit Notiz setzen …</translation>
    </message>
    <message>
        <source>Set a smaller resolution in the camera.</source>
        <translation>Stellen Sie in der Kamera eine kleinere Auflösung ein.</translation>
    </message>
    <message>
        <source>Set exposure, focus, white balance and zoom of the camera that runs</source>
        <translation>Belichtung, Fokus, Weißabgleich und Zoom der laufenden Kamera einstellen</translation>
    </message>
    <message>
        <source>Settings</source>
        <translation>Einstellungen</translation>
    </message>
    <message>
        <source>Settings…</source>
        <translation>Einstellungen …</translation>
    </message>
    <message>
        <source>Several cameras are called {name}.</source>
        <translation>Mehrere Kameras heißen {name}.</translation>
    </message>
    <message>
        <source>Show a longer part of the session</source>
        <translation>Einen längeren Teil der Sitzung zeigen</translation>
    </message>
    <message>
        <source>Show a shorter part of the session</source>
        <translation>Einen kürzeren Teil der Sitzung zeigen</translation>
    </message>
    <message>
        <source>Show in folder</source>
        <translation>Im Ordner zeigen</translation>
    </message>
    <message>
        <source>Show only the video, on the whole screen; Esc leaves it</source>
        <translation>Nur das Video zeigen, auf dem ganzen Bildschirm; Esc beendet es</translation>
    </message>
    <message>
        <source>Show only the video, without a frame: drag it to move it, its lower right corner to resize it; Esc leaves it</source>
        <translation>Nur das Video zeigen, ohne Rahmen: Ziehen verschiebt es, Ziehen an der rechten unteren Ecke ändert die Größe; Esc beendet es</translation>
    </message>
    <message>
        <source>Show or hide the faces and the chart</source>
        <translation>Gesichter und Diagramm ein- oder ausblenden</translation>
    </message>
    <message>
        <source>Show the video as in a mirror</source>
        <translation>Das Video wie im Spiegel zeigen</translation>
    </message>
    <message>
        <source>Show the whole session</source>
        <translation>Die ganze Sitzung zeigen</translation>
    </message>
    <message>
        <source>Show which areas of the face support the label</source>
        <translation>Zeigen, welche Stellen des Gesichts für das Label sprechen</translation>
    </message>
    <message>
        <source>Side panel</source>
        <translation>Seitenleiste</translation>
    </message>
    <message>
        <source>Size</source>
        <translation>Größe</translation>
    </message>
    <message>
        <source>Slower</source>
        <translation>Langsamer</translation>
    </message>
    <message>
        <source>Small file</source>
        <translation>Kleine Datei</translation>
    </message>
    <message>
        <source>Smoothing</source>
        <translation>Glättung</translation>
    </message>
    <message>
        <source>Snapshot</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>Software (x264)</source>
        <translation>Software (x264)</translation>
    </message>
    <message>
        <source>Source</source>
        <translation>Quelle</translation>
    </message>
    <message>
        <source>Source: {title}</source>
        <translation>Quelle: {title}</translation>
    </message>
    <message>
        <source>Speed</source>
        <translation>Geschwindigkeit</translation>
    </message>
    <message>
        <source>Speed of playback ([ is slower, ] is faster)</source>
        <translation>Geschwindigkeit der Wiedergabe ([ langsamer, ] schneller)</translation>
    </message>
    <message>
        <source>Speed {speed}</source>
        <translation>Geschwindigkeit {speed}</translation>
    </message>
    <message>
        <source>Start</source>
        <translation>Starten</translation>
    </message>
    <message>
        <source>Start a new file every</source>
        <translation>Neue Datei alle</translation>
    </message>
    <message>
        <source>Start a source first.</source>
        <translation>Starten Sie zuerst eine Quelle.</translation>
    </message>
    <message>
        <source>Start it again.</source>
        <translation>Starten Sie ihn noch einmal.</translation>
    </message>
    <message>
        <source>Start of the span</source>
        <translation>Anfang des Abschnitts</translation>
    </message>
    <message>
        <source>Start or stop the source</source>
        <translation>Die Quelle starten oder stoppen</translation>
    </message>
    <message>
        <source>Start the file again after its end</source>
        <translation>Die Datei nach ihrem Ende neu beginnen</translation>
    </message>
    <message>
        <source>Start the reader first.</source>
        <translation>Starten Sie zuerst den Leser.</translation>
    </message>
    <message>
        <source>Start the source</source>
        <translation>Quelle starten</translation>
    </message>
    <message>
        <source>Starting…</source>
        <translation>Starten …</translation>
    </message>
    <message>
        <source>State: {state}</source>
        <translation>Zustand: {state}</translation>
    </message>
    <message>
        <source>Status</source>
        <translation>Status</translation>
    </message>
    <message>
        <source>Stop</source>
        <translation>Stoppen</translation>
    </message>
    <message>
        <source>Stop the other program, or choose another port.</source>
        <translation>Beenden Sie das andere Programm, oder wählen Sie einen anderen Port.</translation>
    </message>
    <message>
        <source>Stop the source</source>
        <translation>Quelle stoppen</translation>
    </message>
    <message>
        <source>Stopped</source>
        <translation>Gestoppt</translation>
    </message>
    <message>
        <source>Stopping…</source>
        <translation>Wird gestoppt …</translation>
    </message>
    <message>
        <source>Streams</source>
        <translation>Streams</translation>
    </message>
    <message>
        <source>Switch between light and dark</source>
        <translation>Zwischen hell und dunkel wechseln</translation>
    </message>
    <message>
        <source>Switch it off and on.</source>
        <translation>Schalten Sie ihn aus und wieder ein.</translation>
    </message>
    <message>
        <source>Switch it on again.</source>
        <translation>Schalten Sie sie wieder ein.</translation>
    </message>
    <message>
        <source>Switch it on in the Capture menu; it then holds the last seconds.</source>
        <translation>Schalten Sie ihn im Menü „Aufnahme“ ein; dann hält er die letzten Sekunden.</translation>
    </message>
    <message>
        <source>Switch theme</source>
        <translation>Farbschema wechseln</translation>
    </message>
    <message>
        <source>Take a snapshot</source>
        <translation>Foto aufnehmen</translation>
    </message>
    <message>
        <source>Take apart what was merged into the selected face</source>
        <translation>Trennen, was mit dem gewählten Gesicht vereint wurde</translation>
    </message>
    <message>
        <source>Take the selected span, or the one at the cursor, back in</source>
        <translation>Den gewählten Abschnitt oder den am Cursor wieder aufnehmen</translation>
    </message>
    <message>
        <source>Take the span back in</source>
        <translation>Abschnitt wieder aufnehmen</translation>
    </message>
    <message>
        <source>Text of marker {number}</source>
        <translation>Text von Marke {number}</translation>
    </message>
    <message>
        <source>Text that key {number} writes to log and video</source>
        <translation>Text, den Taste {number} in Protokoll und Video schreibt</translation>
    </message>
    <message>
        <source>The GPU cannot run the model: {reason}.</source>
        <translation>Die GPU kann das Modell nicht ausführen: {reason}.</translation>
    </message>
    <message>
        <source>The LSL output needs the library liblsl, which cannot be loaded.</source>
        <translation>Die Ausgabe LSL braucht die Bibliothek liblsl, die sich nicht laden lässt.</translation>
    </message>
    <message>
        <source>The LSL streams need a name.</source>
        <translation>Die LSL-Streams brauchen einen Namen.</translation>
    </message>
    <message>
        <source>The WebSocket server could not be started: {reason}.</source>
        <translation>Der WebSocket-Server ließ sich nicht starten: {reason}.</translation>
    </message>
    <message>
        <source>The address names no host, or a port that is no number from 1 to 65535.</source>
        <translation>Die Adresse nennt keinen Rechner, oder einen Port, der keine Zahl von 1 bis 65535 ist.</translation>
    </message>
    <message>
        <source>The camera check was stopped.</source>
        <translation>Der Kameratest wurde angehalten.</translation>
    </message>
    <message>
        <source>The camera gives {size} instead of {asked}.</source>
        <translation>Die Kamera liefert {size} statt {asked}.</translation>
    </message>
    <message>
        <source>The camera grants {rate} instead of {asked}.</source>
        <translation>Die Kamera sagt {rate} statt {asked} zu.</translation>
    </message>
    <message>
        <source>The camera is being checked</source>
        <translation>Die Kamera wird getestet</translation>
    </message>
    <message>
        <source>The certificates in {file} cannot be read.</source>
        <translation>Die Zertifikate in {file} lassen sich nicht lesen.</translation>
    </message>
    <message>
        <source>The checkpoint has format {format}, this version reads {own}.</source>
        <translation>Der Checkpoint hat Format {format}, diese Version liest {own}.</translation>
    </message>
    <message>
        <source>The checkpoint&apos;s description cannot be read ({reason}).</source>
        <translation>Die Beschreibung des Checkpoints lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The corrections can&apos;t be saved as {path}: {reason}.</source>
        <translation>Die Korrekturen lassen sich nicht als {path} speichern: {reason}.</translation>
    </message>
    <message>
        <source>The corrections in {file} can&apos;t be read ({reason}).</source>
        <translation>Die Korrekturen in {file} lassen sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The cursor is not in a span that is left out.</source>
        <translation>Der Cursor steht in keinem ausgelassenen Abschnitt.</translation>
    </message>
    <message>
        <source>The demo cannot be {size} at {fps} fps.</source>
        <translation>Die Demo kann nicht {size} mit {fps} fps sein.</translation>
    </message>
    <message>
        <source>The demo cannot show {number} faces.</source>
        <translation>Die Demo kann nicht {number} Gesichter zeigen.</translation>
    </message>
    <message>
        <source>The demo has no option {option}.</source>
        <translation>Die Demo hat keine Option {option}.</translation>
    </message>
    <message>
        <source>The demo&apos;s picture is missing or damaged.</source>
        <translation>Das Bild der Demo fehlt oder ist beschädigt.</translation>
    </message>
    <message>
        <source>The device {device} does not compute in eight bits.</source>
        <translation>Das Gerät {device} rechnet nicht mit acht Bit.</translation>
    </message>
    <message>
        <source>The disk is nearly full: about {time} of recording left.</source>
        <translation>Der Datenträger ist fast voll: Platz für etwa {time} Aufnahme.</translation>
    </message>
    <message>
        <source>The disk with {folder} is full.</source>
        <translation>Der Datenträger mit {folder} ist voll.</translation>
    </message>
    <message>
        <source>The disk with {folder} is full: only {number} MB are left.</source>
        <translation>Der Datenträger mit {folder} ist voll: Nur {number} MB sind noch frei.</translation>
    </message>
    <message>
        <source>The face cascade {name} is missing from assets/haarcascades.</source>
        <translation>Die Gesichtskaskade {name} fehlt in assets/haarcascades.</translation>
    </message>
    <message>
        <source>The face detector failed on this picture ({reason}).</source>
        <translation>Die Gesichtserkennung ist bei diesem Bild gescheitert ({reason}).</translation>
    </message>
    <message>
        <source>The face detector {name} is missing from assets/yunet.</source>
        <translation>Die Gesichtserkennung {name} fehlt in assets/yunet.</translation>
    </message>
    <message>
        <source>The file is kept as {file} when you correct something.</source>
        <translation>Die Datei bleibt als {file} erhalten, wenn Sie etwas korrigieren.</translation>
    </message>
    <message>
        <source>The file may be damaged: choose another video.</source>
        <translation>Die Datei ist vielleicht beschädigt: Wählen Sie ein anderes Video.</translation>
    </message>
    <message>
        <source>The file may be empty or damaged: choose another file.</source>
        <translation>Die Datei ist vielleicht leer oder beschädigt: Wählen Sie eine andere.</translation>
    </message>
    <message>
        <source>The folder is chosen separately.</source>
        <translation>Der Ordner wird für sich gewählt.</translation>
    </message>
    <message>
        <source>The folder licenses of its package lists what it contains.</source>
        <translation>Der Ordner licenses des Pakets führt auf, was es enthält.</translation>
    </message>
    <message>
        <source>The folder {folder} cannot be read: {reason}.</source>
        <translation>Der Ordner {folder} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The frames come irregularly, up to {time} ms apart.</source>
        <translation>Die Bilder kommen unregelmäßig, bis zu {time} ms auseinander.</translation>
    </message>
    <message>
        <source>The heat map appears with the next image</source>
        <translation>Die Heatmap erscheint mit dem nächsten Bild</translation>
    </message>
    <message>
        <source>The image {file} could not be encoded as PNG.</source>
        <translation>Das Bild {file} ließ sich nicht als PNG schreiben.</translation>
    </message>
    <message>
        <source>The installation is incomplete: install fer-live again, or choose the detector haar.</source>
        <translation>Die Installation ist unvollständig: Installieren Sie fer-live neu, oder wählen Sie die Gesichtserkennung haar.</translation>
    </message>
    <message>
        <source>The installation is incomplete: install fer-live again.</source>
        <translation>Die Installation ist unvollständig: Installieren Sie fer-live neu.</translation>
    </message>
    <message>
        <source>The instant replay ended: {reason}.</source>
        <translation>Der Rückblick wurde beendet: {reason}.</translation>
    </message>
    <message>
        <source>The instant replay is off.</source>
        <translation>Der Rückblick ist ausgeschaltet.</translation>
    </message>
    <message>
        <source>The language changes at the next start.</source>
        <translation>Die Sprache wechselt beim nächsten Start.</translation>
    </message>
    <message>
        <source>The log {file} could not be finished: the disk does not respond.</source>
        <translation>Das Protokoll {file} ließ sich nicht abschließen: Der Datenträger antwortet nicht.</translation>
    </message>
    <message>
        <source>The log {file} ended early: {reason}.</source>
        <translation>Das Protokoll {file} endete vorzeitig: {reason}.</translation>
    </message>
    <message>
        <source>The log {file} has no frame.</source>
        <translation>Das Protokoll {file} hat kein Bild.</translation>
    </message>
    <message>
        <source>The log {file} lacks the columns {columns}.</source>
        <translation>Dem Protokoll {file} fehlen die Spalten {columns}.</translation>
    </message>
    <message>
        <source>The log {path} cannot be read: {reason}.</source>
        <translation>Das Protokoll {path} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>The model is being loaded.</source>
        <translation>Das Modell wird geladen.</translation>
    </message>
    <message>
        <source>The model that names the expressions</source>
        <translation>Das Modell, das die Ausdrücke benennt</translation>
    </message>
    <message>
        <source>The model that names the expressions: {name}</source>
        <translation>Das Modell, das die Ausdrücke benennt: {name}</translation>
    </message>
    <message>
        <source>The model {model} does not say which class shares it was calibrated for.</source>
        <translation>Das Modell {model} sagt nicht, für welche Anteile der Klassen es kalibriert ist.</translation>
    </message>
    <message>
        <source>The model {model} gave an answer that is no probability.</source>
        <translation>Das Modell {model} gab eine Antwort, die keine Wahrscheinlichkeit ist.</translation>
    </message>
    <message>
        <source>The model {model} has no heat maps that are fast enough for live display.</source>
        <translation>Das Modell {model} hat keine Heatmaps, die für die Live-Anzeige schnell genug sind.</translation>
    </message>
    <message>
        <source>The model {model} has no ranges for arithmetic in eight bits.</source>
        <translation>Das Modell {model} hat keine Wertebereiche für das Rechnen mit acht Bit.</translation>
    </message>
    <message>
        <source>The name {name} cannot be used: {reason}.</source>
        <translation>Der Name {name} lässt sich nicht verwenden: {reason}.</translation>
    </message>
    <message>
        <source>The name {name} has characters that cannot be read.</source>
        <translation>Der Name {name} hat Zeichen, die sich nicht lesen lassen.</translation>
    </message>
    <message>
        <source>The network in {model} is not computed in eight bits.</source>
        <translation>Das Netz in {model} wird nicht mit acht Bit gerechnet.</translation>
    </message>
    <message>
        <source>The new model has other expressions, for which the log has no columns.</source>
        <translation>Das neue Modell hat andere Ausdrücke, für die das Protokoll keine Spalten hat.</translation>
    </message>
    <message>
        <source>The numbers are the camera&apos;s own units. What you choose is kept for this camera.</source>
        <translation>Die Zahlen haben die Einheiten der Kamera. Ihre Wahl wird für diese Kamera gespeichert.</translation>
    </message>
    <message>
        <source>The output {name} did not take what was left within {time} s.</source>
        <translation>Die Ausgabe {name} hat den Rest nicht innerhalb von {time} s abgenommen.</translation>
    </message>
    <message>
        <source>The output {name} ended: {reason}.</source>
        <translation>Die Ausgabe {name} wurde beendet: {reason}.</translation>
    </message>
    <message>
        <source>The overlay page is at http://ADDRESS/overlay.</source>
        <translation>Die Overlay-Seite ist unter http://ADRESSE/overlay.</translation>
    </message>
    <message>
        <source>The part recorded before is kept.</source>
        <translation>Der bisher aufgenommene Teil bleibt erhalten.</translation>
    </message>
    <message>
        <source>The picture has more pixels than Pillow decodes in this format.</source>
        <translation>Das Bild hat mehr Pixel, als Pillow in diesem Format liest.</translation>
    </message>
    <message>
        <source>The picture has {width} x {height} pixels, more than the {number} million allowed for {format}.</source>
        <translation>Das Bild hat {width} x {height} Pixel, mehr als die für {format} erlaubten {number} Millionen.</translation>
    </message>
    <message>
        <source>The picture has {width} x {height} pixels, more than the {number} million allowed.</source>
        <translation>Das Bild hat {width} x {height} Pixel, mehr als die erlaubten {number} Millionen.</translation>
    </message>
    <message>
        <source>The picture is damaged or cut off.</source>
        <translation>Das Bild ist beschädigt oder abgeschnitten.</translation>
    </message>
    <message>
        <source>The picture is dark.</source>
        <translation>Das Bild ist dunkel.</translation>
    </message>
    <message>
        <source>The program names what a face shows, such as a smile. It can&apos;t tell what a person feels, and it is often wrong.</source>
        <translation>Das Programm benennt, was ein Gesicht zeigt, etwa ein Lächeln. Was ein Mensch fühlt, kann es nicht sagen, und es irrt oft.</translation>
    </message>
    <message>
        <source>The public ones</source>
        <translation>Die öffentlichen</translation>
    </message>
    <message>
        <source>The recording hides faces from now on, in a new part.</source>
        <translation>Die Aufnahme verbirgt ab jetzt Gesichter, in einem neuen Teil.</translation>
    </message>
    <message>
        <source>The recording {file} could not be finished in time: the disk or the encoder does not respond.</source>
        <translation>Die Aufnahme {file} ließ sich nicht rechtzeitig abschließen: Datenträger oder Encoder antworten nicht.</translation>
    </message>
    <message>
        <source>The recording {file} ended early: {reason}.</source>
        <translation>Die Aufnahme {file} endete vorzeitig: {reason}.</translation>
    </message>
    <message>
        <source>The running recording</source>
        <translation>Die laufende Aufnahme</translation>
    </message>
    <message>
        <source>The running recording keeps hiding faces.</source>
        <translation>Die laufende Aufnahme verbirgt Gesichter weiterhin.</translation>
    </message>
    <message>
        <source>The running session log</source>
        <translation>Das laufende Sitzungsprotokoll</translation>
    </message>
    <message>
        <source>The settings could not be saved to {path}: {reason}.</source>
        <translation>Die Einstellungen ließen sich nicht in {path} speichern: {reason}.</translation>
    </message>
    <message>
        <source>The settings file {path} cannot be read ({reason}).</source>
        <translation>Die Einstellungsdatei {path} lässt sich nicht lesen ({reason}).</translation>
    </message>
    <message>
        <source>The stream&apos;s pictures have more than {number} million pixels.</source>
        <translation>Die Bilder des Streams haben mehr als {number} Millionen Pixel.</translation>
    </message>
    <message>
        <source>The user or password in the address holds a /, ? or #.</source>
        <translation>Benutzer oder Passwort in der Adresse enthalten ein /, ? oder #.</translation>
    </message>
    <message>
        <source>The virtual camera needs the library pyvirtualcam.</source>
        <translation>Die virtuelle Kamera braucht die Bibliothek pyvirtualcam.</translation>
    </message>
    <message>
        <source>The virtual camera {device} does not take pictures of {size} pixels.</source>
        <translation>Die virtuelle Kamera {device} nimmt keine Bilder mit {size} Pixeln.</translation>
    </message>
    <message>
        <source>The weights in {path} are all zero: the answer is the same for every face.</source>
        <translation>Die Gewichte in {path} sind alle null: Die Antwort ist für jedes Gesicht gleich.</translation>
    </message>
    <message>
        <source>The weights in {path} are not finite numbers.</source>
        <translation>Die Gewichte in {path} sind keine endlichen Zahlen.</translation>
    </message>
    <message>
        <source>The weights in {path} do not fit the network they describe.</source>
        <translation>Die Gewichte in {path} passen nicht zu dem Netz, das sie beschreiben.</translation>
    </message>
    <message>
        <source>The wheel contains FFmpeg ({licence}) and on Linux Qt 5 ({other}).</source>
        <translation>Das Wheel enthält FFmpeg ({licence}) und unter Linux Qt 5 ({other}).</translation>
    </message>
    <message>
        <source>The wheel contains libheif and libde265 (LGPL) together with x265 (GPL).</source>
        <translation>Das Wheel enthält libheif und libde265 (LGPL) zusammen mit x265 (GPL).</translation>
    </message>
    <message>
        <source>The whole session</source>
        <translation>Die ganze Sitzung</translation>
    </message>
    <message>
        <source>The {output} output needs the library {library}.</source>
        <translation>Die Ausgabe {output} braucht die Bibliothek {library}.</translation>
    </message>
    <message>
        <source>Theme</source>
        <translation>Farbschema</translation>
    </message>
    <message>
        <source>There are: {cameras}.</source>
        <translation>Vorhanden: {cameras}.</translation>
    </message>
    <message>
        <source>There is no address called {host}.</source>
        <translation>Es gibt keine Adresse {host}.</translation>
    </message>
    <message>
        <source>There is no camera on this computer.</source>
        <translation>An diesem Rechner ist keine Kamera.</translation>
    </message>
    <message>
        <source>There is no camera {name}.</source>
        <translation>Es gibt keine Kamera {name}.</translation>
    </message>
    <message>
        <source>There is no file or folder {path}.</source>
        <translation>Es gibt keine Datei und keinen Ordner {path}.</translation>
    </message>
    <message>
        <source>There is no file {path}.</source>
        <translation>Es gibt keine Datei {path}.</translation>
    </message>
    <message>
        <source>There is no free name for {name} in {folder}.</source>
        <translation>Für {name} ist in {folder} kein Name mehr frei.</translation>
    </message>
    <message>
        <source>There is no further change in this direction.</source>
        <translation>In dieser Richtung gibt es keinen weiteren Wechsel.</translation>
    </message>
    <message>
        <source>There is no further marker in this direction.</source>
        <translation>In dieser Richtung gibt es keine weitere Marke.</translation>
    </message>
    <message>
        <source>There is no model at {path}.</source>
        <translation>Es gibt kein Modell {path}.</translation>
    </message>
    <message>
        <source>There is no model {name}.</source>
        <translation>Es gibt kein Modell {name}.</translation>
    </message>
    <message>
        <source>There is no other face</source>
        <translation>Es gibt kein anderes Gesicht</translation>
    </message>
    <message>
        <source>There is no permission to use {camera}.</source>
        <translation>Die Berechtigung für {camera} fehlt.</translation>
    </message>
    <message>
        <source>There is no picture in the folder {folder}.</source>
        <translation>Im Ordner {folder} ist kein Bild.</translation>
    </message>
    <message>
        <source>There is no picture to save yet.</source>
        <translation>Es gibt noch kein Bild zum Speichern.</translation>
    </message>
    <message>
        <source>There is no prior {path}.</source>
        <translation>Es gibt keine Anteile {path}.</translation>
    </message>
    <message>
        <source>There is no session log beside {file}.</source>
        <translation>Neben {file} ist kein Sitzungsprotokoll.</translation>
    </message>
    <message>
        <source>There is no source {name}.</source>
        <translation>Es gibt keine Quelle {name}.</translation>
    </message>
    <message>
        <source>There is no virtual camera: it comes with OBS Studio 30 or later.</source>
        <translation>Es gibt keine virtuelle Kamera: Sie kommt mit OBS Studio 30 oder neuer.</translation>
    </message>
    <message>
        <source>There is no virtual camera: it comes with OBS Studio.</source>
        <translation>Es gibt keine virtuelle Kamera: Sie kommt mit OBS Studio.</translation>
    </message>
    <message>
        <source>There is no virtual camera: the kernel module v4l2loopback is not loaded.</source>
        <translation>Es gibt keine virtuelle Kamera: Das Kernelmodul v4l2loopback ist nicht geladen.</translation>
    </message>
    <message>
        <source>There is nothing to report.</source>
        <translation>Es gibt nichts zu berichten.</translation>
    </message>
    <message>
        <source>There is nothing to review.</source>
        <translation>Es gibt nichts zu prüfen.</translation>
    </message>
    <message>
        <source>There is nothing to save yet.</source>
        <translation>Es gibt noch nichts zu speichern.</translation>
    </message>
    <message>
        <source>These are the values that the camera offers.</source>
        <translation>Diese Werte bietet die Kamera an.</translation>
    </message>
    <message>
        <source>They may not be passed on freely; each package contains its terms.</source>
        <translation>Sie dürfen nicht frei weitergegeben werden; jedes Paket enthält seine Bedingungen.</translation>
    </message>
    <message>
        <source>This camera offers none of these here. Its own program or its driver may.</source>
        <translation>Diese Kamera bietet hier nichts davon an, vielleicht aber ihr eigenes Programm oder ihr Treiber.</translation>
    </message>
    <message>
        <source>This computer has no Apple GPU.</source>
        <translation>Dieser Rechner hat keine Apple-GPU.</translation>
    </message>
    <message>
        <source>This computer has no sound device that can play it.</source>
        <translation>Dieser Rechner hat kein Tongerät, das ihn abspielen kann.</translation>
    </message>
    <message>
        <source>This file has no sound.</source>
        <translation>Diese Datei hat keinen Ton.</translation>
    </message>
    <message>
        <source>This folder has no bin. Delete the files in the file manager.</source>
        <translation>Dieser Ordner hat keinen Papierkorb. Löschen Sie die Dateien in der Dateiverwaltung.</translation>
    </message>
    <message>
        <source>This installation has no PyTorch, which {what} needs.</source>
        <translation>Diese Installation hat kein PyTorch, das {what} braucht.</translation>
    </message>
    <message>
        <source>This is a HEIC picture, and {library}, which reads it, is not installed.</source>
        <translation>Das ist ein HEIC-Bild, und {library}, das es liest, ist nicht installiert.</translation>
    </message>
    <message>
        <source>This is not a picture, or its beginning is damaged.</source>
        <translation>Das ist kein Bild, oder sein Anfang ist beschädigt.</translation>
    </message>
    <message>
        <source>This model has no heat map fast enough to be shown live</source>
        <translation>Dieses Modell hat keine Heatmap, die für die Live-Anzeige schnell genug ist</translation>
    </message>
    <message>
        <source>This picture has not been searched for faces yet, so they can&apos;t be hidden.</source>
        <translation>In diesem Bild wurde noch nicht nach Gesichtern gesucht, daher lassen sie sich nicht verbergen.</translation>
    </message>
    <message>
        <source>Time</source>
        <translation>Zeit</translation>
    </message>
    <message>
        <source>Time from capture to screen, median of one second</source>
        <translation>Zeit von der Aufnahme bis zum Bildschirm, Median einer Sekunde</translation>
    </message>
    <message>
        <source>Timeline</source>
        <translation>Zeitleiste</translation>
    </message>
    <message>
        <source>To show them, stop it and start a new one.</source>
        <translation>Um sie zu zeigen, stoppen Sie die Aufnahme, und starten Sie eine neue.</translation>
    </message>
    <message>
        <source>To the beginning</source>
        <translation>Zum Anfang</translation>
    </message>
    <message>
        <source>To the end</source>
        <translation>Zum Ende</translation>
    </message>
    <message>
        <source>To the start</source>
        <translation>Zum Anfang</translation>
    </message>
    <message>
        <source>Token</source>
        <translation>Token</translation>
    </message>
    <message>
        <source>Tools</source>
        <translation>Werkzeuge</translation>
    </message>
    <message>
        <source>True rate</source>
        <translation>Wirkliche Rate</translation>
    </message>
    <message>
        <source>Try again</source>
        <translation>Noch einmal versuchen</translation>
    </message>
    <message>
        <source>Try another port.</source>
        <translation>Versuchen Sie einen anderen Port.</translation>
    </message>
    <message>
        <source>Try another source or resolution.</source>
        <translation>Versuchen Sie eine andere Quelle oder Auflösung.</translation>
    </message>
    <message>
        <source>Turn it on in the settings, on the Recording page.</source>
        <translation>Schalten Sie es in den Einstellungen auf der Seite „Aufnahme“ ein.</translation>
    </message>
    <message>
        <source>Undo</source>
        <translation>Rückgängig</translation>
    </message>
    <message>
        <source>Undo merging of this face</source>
        <translation>Vereinigung dieses Gesichts lösen</translation>
    </message>
    <message>
        <source>Undo the last correction</source>
        <translation>Die letzte Korrektur rückgängig machen</translation>
    </message>
    <message>
        <source>Unexpected error while starting the source: {error}.</source>
        <translation>Unerwarteter Fehler beim Starten der Quelle: {error}.</translation>
    </message>
    <message>
        <source>Unexpected error {where}: {reason}.</source>
        <translation>Unerwarteter Fehler {where}: {reason}.</translation>
    </message>
    <message>
        <source>Unexpected error.</source>
        <translation>Unerwarteter Fehler.</translation>
    </message>
    <message>
        <source>Unexpected error: {error}.</source>
        <translation>Unerwarteter Fehler: {error}.</translation>
    </message>
    <message>
        <source>Unplug it and plug it in again.</source>
        <translation>Ziehen Sie den Stecker, und stecken Sie ihn wieder ein.</translation>
    </message>
    <message>
        <source>Unsure below</source>
        <translation>Unsicher unter</translation>
    </message>
    <message>
        <source>Use --device cpu or auto.</source>
        <translation>Wählen Sie CPU oder Automatisch.</translation>
    </message>
    <message>
        <source>Use --device cpu, or leave --precision out.</source>
        <translation>Nehmen Sie --device cpu, oder lassen Sie --precision weg.</translation>
    </message>
    <message>
        <source>Use --precision float32.</source>
        <translation>Nehmen Sie --precision float32.</translation>
    </message>
    <message>
        <source>Use a released model with --device cpu, or install fer-live with pip.</source>
        <translation>Nehmen Sie ein mitgeliefertes Modell auf der CPU, oder installieren Sie fer-live mit pip.</translation>
    </message>
    <message>
        <source>Use an address of the camera that is not, such as RTSP or MJPEG.</source>
        <translation>Nehmen Sie eine unverschlüsselte Adresse der Kamera, etwa RTSP oder MJPEG.</translation>
    </message>
    <message>
        <source>Use another USB port without a hub, and close programs that use much processor time.</source>
        <translation>Nehmen Sie einen anderen USB-Anschluss ohne Hub, und beenden Sie Programme, die viel Rechenzeit brauchen.</translation>
    </message>
    <message>
        <source>Use one that begins with {schemes}.</source>
        <translation>Nehmen Sie eine, die mit {schemes} beginnt.</translation>
    </message>
    <message>
        <source>Use the address of the stream or picture itself; the camera&apos;s manual names it.</source>
        <translation>Nehmen Sie die Adresse des Streams oder Bildes selbst; sie steht im Handbuch der Kamera.</translation>
    </message>
    <message>
        <source>Use the default model</source>
        <translation>Standardmodell verwenden</translation>
    </message>
    <message>
        <source>Use the host {host}.</source>
        <translation>Nehmen Sie den Rechner {host}.</translation>
    </message>
    <message>
        <source>Use the unchanged log.</source>
        <translation>Nehmen Sie das unveränderte Protokoll.</translation>
    </message>
    <message>
        <source>Valence and entropy of each face</source>
        <translation>Valenz und Entropie jedes Gesichts</translation>
    </message>
    <message>
        <source>Version, computer, settings and figures, without addresses</source>
        <translation>Version, Rechner, Einstellungen und Messwerte, ohne Adressen</translation>
    </message>
    <message>
        <source>Version, licences, where settings and model are, and a diagnostic report</source>
        <translation>Version, Lizenzen, Ort der Einstellungen und des Modells und ein Diagnosebericht</translation>
    </message>
    <message>
        <source>Video</source>
        <translation>Video</translation>
    </message>
    <message>
        <source>Video and files</source>
        <translation>Video und Dateien</translation>
    </message>
    <message>
        <source>Videos</source>
        <translation>Videos</translation>
    </message>
    <message>
        <source>View</source>
        <translation>Ansicht</translation>
    </message>
    <message>
        <source>Visible</source>
        <translation>Sichtbar</translation>
    </message>
    <message>
        <source>Volume</source>
        <translation>Lautstärke</translation>
    </message>
    <message>
        <source>Wait a moment, then take the snapshot again.</source>
        <translation>Warten Sie einen Moment, und machen Sie das Foto noch einmal.</translation>
    </message>
    <message>
        <source>Waiting for the analysis…</source>
        <translation>Warten auf die Analyse…</translation>
    </message>
    <message>
        <source>Waiting for the demo…</source>
        <translation>Warten auf die Demo …</translation>
    </message>
    <message>
        <source>Waiting for the first camera…</source>
        <translation>Warten auf die erste Kamera …</translation>
    </message>
    <message>
        <source>Waiting for {source}…</source>
        <translation>Warten auf {source} …</translation>
    </message>
    <message>
        <source>WebSocket, overlay for OBS</source>
        <translation>WebSocket, Overlay für OBS</translation>
    </message>
    <message>
        <source>What the program infers, where the data stays, and where its use is restricted</source>
        <translation>Was das Programm ableitet, wo die Daten bleiben und wo sein Einsatz beschränkt ist</translation>
    </message>
    <message>
        <source>What this program infers</source>
        <translation>Was dieses Programm ableitet</translation>
    </message>
    <message>
        <source>What to change</source>
        <translation>Was zu ändern ist</translation>
    </message>
    <message>
        <source>What was written so far can be played.</source>
        <translation>Das bisher Geschriebene lässt sich abspielen.</translation>
    </message>
    <message>
        <source>What was written so far can be played; start a new recording.</source>
        <translation>Das bisher Geschriebene lässt sich abspielen; starten Sie eine neue Aufnahme.</translation>
    </message>
    <message>
        <source>What was written so far can be read.</source>
        <translation>Das bisher Geschriebene lässt sich lesen.</translation>
    </message>
    <message>
        <source>What was written so far can be read; start a new log.</source>
        <translation>Das bisher Geschriebene lässt sich lesen; starten Sie ein neues Protokoll.</translation>
    </message>
    <message>
        <source>Where the camera does not support a value, it uses another.</source>
        <translation>Unterstützt die Kamera einen Wert nicht, verwendet sie einen anderen.</translation>
    </message>
    <message>
        <source>White balance</source>
        <translation>Weißabgleich</translation>
    </message>
    <message>
        <source>Windows keeps this name for a device</source>
        <translation>Windows hält diesen Namen für ein Gerät frei</translation>
    </message>
    <message>
        <source>With overlay</source>
        <translation>Mit Einblendungen</translation>
    </message>
    <message>
        <source>Without overlay</source>
        <translation>Ohne Einblendungen</translation>
    </message>
    <message>
        <source>Write JSON lines to a new file in the folder for recordings</source>
        <translation>JSON-Zeilen in eine neue Datei im Aufnahmeordner schreiben</translation>
    </message>
    <message>
        <source>Write it as {form}.</source>
        <translation>Schreiben Sie sie als {form}.</translation>
    </message>
    <message>
        <source>Write labels and markers as an annotation file for ELAN</source>
        <translation>Labels und Marken als Annotationsdatei für ELAN schreiben</translation>
    </message>
    <message>
        <source>Write one row for every face in every frame</source>
        <translation>Eine Zeile für jedes Gesicht in jedem Bild schreiben</translation>
    </message>
    <message>
        <source>Write one with: fer-live run --log FILE.</source>
        <translation>Schreiben Sie eines mit der Taste L.</translation>
    </message>
    <message>
        <source>Write the labels as subtitles (WebVTT)</source>
        <translation>Die Labels als Untertitel schreiben (WebVTT)</translation>
    </message>
    <message>
        <source>Write the log as corrected</source>
        <translation>Das Protokoll mit den Korrekturen schreiben</translation>
    </message>
    <message>
        <source>Write the report on the log as corrected</source>
        <translation>Den Bericht über das korrigierte Protokoll schreiben</translation>
    </message>
    <message>
        <source>Write the session as corrected</source>
        <translation>Die Sitzung mit den Korrekturen schreiben</translation>
    </message>
    <message>
        <source>Write them percent-encoded: %2F for /, %3F for ?, %23 for # and %25 for %.</source>
        <translation>Schreiben Sie sie prozentcodiert: %2F für /, %3F für ?, %23 für # und %25 für %.</translation>
    </message>
    <message>
        <source>Write {form}, for example {example}:9000.</source>
        <translation>Schreiben Sie {form}, zum Beispiel {example}:9000.</translation>
    </message>
    <message>
        <source>Writing the report…</source>
        <translation>Der Bericht wird geschrieben …</translation>
    </message>
    <message>
        <source>Writing {what}…</source>
        <translation>Schreiben: {what} …</translation>
    </message>
    <message>
        <source>You can find this again under Help.</source>
        <translation>Sie finden dies wieder im Menü „Hilfe“.</translation>
    </message>
    <message>
        <source>YuNet network</source>
        <translation>YuNet-Netz</translation>
    </message>
    <message>
        <source>Zoom</source>
        <translation>Zoom</translation>
    </message>
    <message>
        <source>Zoom in</source>
        <translation>Vergrößern</translation>
    </message>
    <message>
        <source>Zoom out</source>
        <translation>Verkleinern</translation>
    </message>
    <message>
        <source>after {number} of {announced} frames</source>
        <translation>nach {number} von {announced} Bildern</translation>
    </message>
    <message>
        <source>analysed</source>
        <translation>analysiert</translation>
    </message>
    <message>
        <source>analysing…</source>
        <translation>wird analysiert …</translation>
    </message>
    <message>
        <source>angry</source>
        <translation>wütend</translation>
    </message>
    <message>
        <source>annotations for ELAN</source>
        <translation>Annotationen für ELAN</translation>
    </message>
    <message>
        <source>at {time} s of {figure} s</source>
        <translation>nach {time} s von {figure} s</translation>
    </message>
    <message>
        <source>change marker {number}</source>
        <translation>Marke {number} ändern</translation>
    </message>
    <message>
        <source>choose the video</source>
        <translation>Video wählen</translation>
    </message>
    <message>
        <source>contempt</source>
        <translation>verächtlich</translation>
    </message>
    <message>
        <source>cut off</source>
        <translation>abgeschnitten</translation>
    </message>
    <message>
        <source>delete marker {number}</source>
        <translation>Marke {number} löschen</translation>
    </message>
    <message>
        <source>disgust</source>
        <translation>angeekelt</translation>
    </message>
    <message>
        <source>done</source>
        <translation>fertig</translation>
    </message>
    <message>
        <source>error</source>
        <translation>Fehler</translation>
    </message>
    <message>
        <source>face #{number}</source>
        <translation>Gesicht {number}</translation>
    </message>
    <message>
        <source>faces hidden</source>
        <translation>Gesichter verborgen</translation>
    </message>
    <message>
        <source>fear</source>
        <translation>ängstlich</translation>
    </message>
    <message>
        <source>fer-live explain computes them for images.</source>
        <translation>fer-live explain berechnet sie für Bilder.</translation>
    </message>
    <message>
        <source>fer_live is under the {own} licence. The libraries it uses have licences of their own; for using it on your own computer none of them asks anything of you. Anyone who distributes a bundle with these libraries must keep to their licences:</source>
        <translation>fer_live steht unter der {own}-Lizenz. Die verwendeten Bibliotheken haben eigene Lizenzen; für die Nutzung auf dem eigenen Rechner verlangt keine davon etwas von Ihnen. Wer ein Paket mit diesen Bibliotheken weitergibt, hält deren Lizenzen ein:</translation>
    </message>
    <message>
        <source>happy</source>
        <translation>fröhlich</translation>
    </message>
    <message>
        <source>hidden</source>
        <translation>verdeckt</translation>
    </message>
    <message>
        <source>hour, minute and second in local time, as in 235959</source>
        <translation>Stunde, Minute und Sekunde in Ortszeit, wie in 235959</translation>
    </message>
    <message>
        <source>in the live outputs</source>
        <translation>in den Live-Ausgaben</translation>
    </message>
    <message>
        <source>in the log</source>
        <translation>im Protokoll</translation>
    </message>
    <message>
        <source>in the recording</source>
        <translation>in der Aufnahme</translation>
    </message>
    <message>
        <source>it is empty, or begins or ends with a space or dot</source>
        <translation>er ist leer, oder beginnt oder endet mit Leerzeichen oder Punkt</translation>
    </message>
    <message>
        <source>it is longer than {number} characters</source>
        <translation>er ist länger als {number} Zeichen</translation>
    </message>
    <message>
        <source>its braces do not match ({reason})</source>
        <translation>seine Klammern passen nicht zusammen ({reason})</translation>
    </message>
    <message>
        <source>label {face} as logged</source>
        <translation>Label von {face} wie protokolliert</translation>
    </message>
    <message>
        <source>label {face} {label}</source>
        <translation>Label von {face}: {label}</translation>
    </message>
    <message>
        <source>leave a span out</source>
        <translation>Abschnitt auslassen</translation>
    </message>
    <message>
        <source>light behind</source>
        <translation>Gegenlicht</translation>
    </message>
    <message>
        <source>merge {face} into {other}</source>
        <translation>{face} mit {other} vereinen</translation>
    </message>
    <message>
        <source>name {face}</source>
        <translation>{face} benennen</translation>
    </message>
    <message>
        <source>neutral</source>
        <translation>neutral</translation>
    </message>
    <message>
        <source>not every system allows {characters} in a file name</source>
        <translation>nicht jedes System erlaubt {characters} in einem Dateinamen</translation>
    </message>
    <message>
        <source>not known</source>
        <translation>nicht bekannt</translation>
    </message>
    <message>
        <source>not measured</source>
        <translation>nicht gemessen</translation>
    </message>
    <message>
        <source>not seen</source>
        <translation>nicht zu sehen</translation>
    </message>
    <message>
        <source>not sharp</source>
        <translation>unscharf</translation>
    </message>
    <message>
        <source>not yet classified</source>
        <translation>noch nicht klassifiziert</translation>
    </message>
    <message>
        <source>now</source>
        <translation>jetzt</translation>
    </message>
    <message>
        <source>or when it reaches</source>
        <translation>oder ab einer Größe von</translation>
    </message>
    <message>
        <source>pain</source>
        <translation>Schmerz</translation>
    </message>
    <message>
        <source>part {number}</source>
        <translation>Teil {number}</translation>
    </message>
    <message>
        <source>public domain</source>
        <translation>gemeinfrei</translation>
    </message>
    <message>
        <source>recording</source>
        <translation>Aufnahme</translation>
    </message>
    <message>
        <source>research data with terms of their own</source>
        <translation>Forschungsdaten mit eigenen Bedingungen</translation>
    </message>
    <message>
        <source>sad</source>
        <translation>traurig</translation>
    </message>
    <message>
        <source>session</source>
        <translation>Sitzung</translation>
    </message>
    <message>
        <source>set marker {number}</source>
        <translation>Marke {number} setzen</translation>
    </message>
    <message>
        <source>snapshot</source>
        <translation>Foto</translation>
    </message>
    <message>
        <source>speed {speed}</source>
        <translation>Geschwindigkeit {speed}</translation>
    </message>
    <message>
        <source>subtitles (WebVTT)</source>
        <translation>Untertitel (WebVTT)</translation>
    </message>
    <message>
        <source>surprise</source>
        <translation>überrascht</translation>
    </message>
    <message>
        <source>take a span back in</source>
        <translation>Abschnitt wieder aufnehmen</translation>
    </message>
    <message>
        <source>take {face} apart</source>
        <translation>{face} trennen</translation>
    </message>
    <message>
        <source>the corrected log</source>
        <translation>das korrigierte Protokoll</translation>
    </message>
    <message>
        <source>the driver does not say</source>
        <translation>der Treiber gibt sie nicht an</translation>
    </message>
    <message>
        <source>the driver has no time stamps</source>
        <translation>der Treiber hat keine Zeitstempel</translation>
    </message>
    <message>
        <source>the log has ended</source>
        <translation>das Protokoll ist beendet</translation>
    </message>
    <message>
        <source>the milliseconds, as in 042</source>
        <translation>die Millisekunden, wie in 042</translation>
    </message>
    <message>
        <source>the recording has ended</source>
        <translation>die Aufnahme ist beendet</translation>
    </message>
    <message>
        <source>the recording has no frame yet</source>
        <translation>die Aufnahme hat noch kein Bild</translation>
    </message>
    <message>
        <source>the report</source>
        <translation>der Bericht</translation>
    </message>
    <message>
        <source>too bright</source>
        <translation>zu hell</translation>
    </message>
    <message>
        <source>too dark</source>
        <translation>zu dunkel</translation>
    </message>
    <message>
        <source>too small</source>
        <translation>zu klein</translation>
    </message>
    <message>
        <source>turned away</source>
        <translation>abgewandt</translation>
    </message>
    <message>
        <source>unsure</source>
        <translation>unsicher</translation>
    </message>
    <message>
        <source>warning</source>
        <translation>Warnung</translation>
    </message>
    <message>
        <source>year, month and day, as in 20260131</source>
        <translation>Jahr, Monat und Tag, wie in 20260131</translation>
    </message>
    <message>
        <source>{action} (not with this model)</source>
        <translation>{action} (nicht mit diesem Modell)</translation>
    </message>
    <message>
        <source>{address} is not an address that can be opened.</source>
        <translation>{address} ist keine Adresse, die sich öffnen lässt.</translation>
    </message>
    <message>
        <source>{cameras} Plug one in, or use a video file or the demo.</source>
        <translation>{cameras} Schließen Sie eine an, oder nehmen Sie eine Videodatei oder die Demo.</translation>
    </message>
    <message>
        <source>{camera} did not start within {time} seconds: another program may be using it.</source>
        <translation>{camera} ist nicht innerhalb von {time} Sekunden gestartet: Vielleicht benutzt sie ein anderes Programm.</translation>
    </message>
    <message>
        <source>{camera} is held by another program.</source>
        <translation>{camera} wird von einem anderen Programm benutzt.</translation>
    </message>
    <message>
        <source>{camera} is there but cannot be started: another program is probably using it, or the use of cameras is not allowed.</source>
        <translation>{camera} ist da, lässt sich aber nicht starten: Wahrscheinlich benutzt sie ein anderes Programm, oder die Nutzung von Kameras ist nicht erlaubt.</translation>
    </message>
    <message>
        <source>{camera} opens but gives no picture: another program is probably using it.</source>
        <translation>{camera} lässt sich öffnen, liefert aber kein Bild: Wahrscheinlich benutzt sie ein anderes Programm.</translation>
    </message>
    <message>
        <source>{camera} was not found.</source>
        <translation>{camera} wurde nicht gefunden.</translation>
    </message>
    <message>
        <source>{control}: automatic</source>
        <translation>{control}: automatisch</translation>
    </message>
    <message>
        <source>{face} is not seen at the cursor.</source>
        <translation>{face} ist am Cursor nicht zu sehen.</translation>
    </message>
    <message>
        <source>{face}, {begin} to {end}</source>
        <translation>{face}, {begin} bis {end}</translation>
    </message>
    <message>
        <source>{field} is not a placeholder</source>
        <translation>{field} ist kein Platzhalter</translation>
    </message>
    <message>
        <source>{figure} fps</source>
        <translation>{figure} fps</translation>
    </message>
    <message>
        <source>{figure} fps over {time} s</source>
        <translation>{figure} fps über {time} s</translation>
    </message>
    <message>
        <source>{figure} ms</source>
        <translation>{figure} ms</translation>
    </message>
    <message>
        <source>{figure} ms; longest interval {longest} ms</source>
        <translation>{figure} ms; längster Abstand {longest} ms</translation>
    </message>
    <message>
        <source>{figure} of 255</source>
        <translation>{figure} von 255</translation>
    </message>
    <message>
        <source>{files} and {more}</source>
        <translation>{files} und {more}</translation>
    </message>
    <message>
        <source>{file} ended early, {reached}: it may be damaged or cut off.</source>
        <translation>{file} endet vorzeitig, {reached}. Vielleicht ist die Datei beschädigt oder unvollständig.</translation>
    </message>
    <message>
        <source>{file} has more than the {size} GB that a picture may have.</source>
        <translation>{file} hat mehr als die {size} GB, die ein Bild haben darf.</translation>
    </message>
    <message>
        <source>{file} has no pictures to look through.</source>
        <translation>{file} hat keine Bilder zum Durchsehen.</translation>
    </message>
    <message>
        <source>{file} holds no picture that can be read.</source>
        <translation>{file} enthält kein lesbares Bild.</translation>
    </message>
    <message>
        <source>{file} in its folder lists what it contains.</source>
        <translation>{file} im Ordner der Bibliothek führt auf, was sie enthält.</translation>
    </message>
    <message>
        <source>{file} is damaged: {reason}.</source>
        <translation>{file} ist beschädigt: {reason}.</translation>
    </message>
    <message>
        <source>{file} is empty.</source>
        <translation>{file} ist leer.</translation>
    </message>
    <message>
        <source>{file} is no .safetensors file, which models are kept in.</source>
        <translation>{file} ist keine .safetensors-Datei, wie Modelle sie haben.</translation>
    </message>
    <message>
        <source>{file} is not a picture, or it is damaged.</source>
        <translation>{file} ist kein Bild, oder es ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} is not a session log.</source>
        <translation>{file} ist kein Sitzungsprotokoll.</translation>
    </message>
    <message>
        <source>{file} is not a video, or it is damaged.</source>
        <translation>{file} ist kein Video, oder es ist beschädigt.</translation>
    </message>
    <message>
        <source>{file} shows no picture at this time.</source>
        <translation>{file} zeigt zu dieser Zeit kein Bild.</translation>
    </message>
    <message>
        <source>{file} — review</source>
        <translation>{file} – Prüfung</translation>
    </message>
    <message>
        <source>{first} and {second} are in the picture together at {time}, so they are two people.</source>
        <translation>{first} und {second} sind bei {time} zusammen im Bild, also zwei Personen.</translation>
    </message>
    <message>
        <source>{granted}, {asked} was asked for</source>
        <translation>{granted}; verlangt: {asked}</translation>
    </message>
    <message>
        <source>{licence}, and others for parts of it</source>
        <translation>{licence}, für Teile davon andere</translation>
    </message>
    <message>
        <source>{licence}; its wheel contains LGPL parts</source>
        <translation>{licence}; sein Wheel enthält Teile unter der LGPL</translation>
    </message>
    <message>
        <source>{licence}; its wheel {other}</source>
        <translation>{licence}; sein Wheel {other}</translation>
    </message>
    <message>
        <source>{name} is no camera.</source>
        <translation>{name} ist keine Kamera.</translation>
    </message>
    <message>
        <source>{name} is no pixel format.</source>
        <translation>{name} ist kein Pixelformat.</translation>
    </message>
    <message>
        <source>{number} in {folder}</source>
        <translation>{number} in {folder}</translation>
    </message>
    <message>
        <source>{number} of {count}</source>
        <translation>{number} von {count}</translation>
    </message>
    <message>
        <source>{number}%</source>
        <translation>{number}&#xa0;%</translation>
    </message>
    <message>
        <source>{path} can&apos;t be read: {reason}.</source>
        <translation>{path} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>{path} cannot be read: {reason}.</source>
        <translation>{path} lässt sich nicht lesen: {reason}.</translation>
    </message>
    <message>
        <source>{path} cannot be written: {reason}.</source>
        <translation>{path} lässt sich nicht schreiben: {reason}.</translation>
    </message>
    <message>
        <source>{path} exists already.</source>
        <translation>{path} gibt es schon.</translation>
    </message>
    <message>
        <source>{path} holds weights but no fer-live description.</source>
        <translation>{path} enthält Gewichte, aber keine Beschreibung für fer-live.</translation>
    </message>
    <message>
        <source>{path} is not a file.</source>
        <translation>{path} ist keine Datei.</translation>
    </message>
    <message>
        <source>{path} is not a readable safetensors checkpoint ({reason}).</source>
        <translation>{path} ist kein lesbarer safetensors-Checkpoint ({reason}).</translation>
    </message>
    <message>
        <source>{path} states what follows.</source>
        <translation>Was daraus folgt, steht in {path}.</translation>
    </message>
    <message>
        <source>{size} free</source>
        <translation>{size} frei</translation>
    </message>
    <message>
        <source>{size} free. Delete files, or stop recording. When the disk is full, the recording ends and stays playable.</source>
        <translation>{size} frei. Löschen Sie Dateien, oder stoppen Sie die Aufnahme. Ist der Datenträger voll, endet die Aufnahme und bleibt abspielbar.</translation>
    </message>
    <message>
        <source>{source} did not answer in time.</source>
        <translation>{source} hat nicht rechtzeitig geantwortet.</translation>
    </message>
    <message>
        <source>{source} failed: {reason}.</source>
        <translation>{source} ist ausgefallen: {reason}.</translation>
    </message>
    <message>
        <source>{source} gave no picture for {time} seconds.</source>
        <translation>{source} hat {time} Sekunden lang kein Bild geliefert.</translation>
    </message>
    <message>
        <source>{source} gives no video.</source>
        <translation>{source} liefert kein Video.</translation>
    </message>
    <message>
        <source>{source} has given no picture for {time} seconds.</source>
        <translation>{source} liefert seit {time} Sekunden kein Bild.</translation>
    </message>
    <message>
        <source>{source} has stopped</source>
        <translation>{source} wurde beendet</translation>
    </message>
    <message>
        <source>{source} is a video file, not a live stream.</source>
        <translation>{source} ist eine Videodatei, kein Live-Stream.</translation>
    </message>
    <message>
        <source>{source} is a web page, not a stream.</source>
        <translation>{source} ist eine Webseite, kein Stream.</translation>
    </message>
    <message>
        <source>{source} is back.</source>
        <translation>{source} ist wieder da.</translation>
    </message>
    <message>
        <source>{source} is encrypted (HLS), and its key cannot be had or does not fit.</source>
        <translation>{source} ist verschlüsselt (HLS), und der Schlüssel ist nicht zu haben oder passt nicht.</translation>
    </message>
    <message>
        <source>{source} is encrypted in a way that cannot be read (HLS, not AES-128).</source>
        <translation>{source} ist auf eine Art verschlüsselt, die sich nicht lesen lässt (HLS, nicht AES-128).</translation>
    </message>
    <message>
        <source>{source} is in use</source>
        <translation>{source} wird schon verwendet</translation>
    </message>
    <message>
        <source>{source} is not answering</source>
        <translation>{source} antwortet nicht</translation>
    </message>
    <message>
        <source>{source} is not connected</source>
        <translation>{source} ist nicht angeschlossen</translation>
    </message>
    <message>
        <source>{source} still hangs from the last time.</source>
        <translation>{source} hängt noch vom letzten Mal.</translation>
    </message>
    <message>
        <source>{source} stopped giving pictures.</source>
        <translation>{source} liefert keine Bilder mehr.</translation>
    </message>
    <message>
        <source>{text} is not an address.</source>
        <translation>{text} ist keine Adresse.</translation>
    </message>
    <message>
        <source>● Recording {title}</source>
        <translation>● Aufnahme {title}</translation>
    </message>
</context>
</TS>
