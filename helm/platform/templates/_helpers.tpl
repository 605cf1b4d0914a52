{{/* Returns the prefix of all object names. */}}
{{- define "platform.name" -}}
{{ .Release.Name | trunc 40 | trimSuffix "-" }}
{{- end }}

{{/* Returns the labels of an object. Takes a dict: root, component. */}}
{{- define "platform.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "platform.selectorLabels" . }}
app.kubernetes.io/part-of: store-platform
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* Returns the selector labels. They never change, because selectors are immutable. Takes a dict: root, component. */}}
{{- define "platform.selectorLabels" -}}
app.kubernetes.io/name: store-platform
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Returns an image reference, as the charts of the stores do. Takes a dict: root, image. */}}
{{- define "platform.image" -}}
{{- $values := .root.Values -}}
{{- $repository := .image.repository | default $values.image.repository -}}
{{- $tag := .image.tag | default .root.Chart.AppVersion -}}
{{- $locked := .root.Files.Get "digests.json" | fromJson -}}
{{- $digest := .image.digest | default (get $locked (printf "%s:%s" $repository $tag)) -}}
{{- $name := $repository -}}
{{- if and $values.imageRegistry (not (regexMatch "^([^/]*[.:][^/]*|localhost)/" $repository)) -}}
{{- $name = printf "%s/%s" $values.imageRegistry $repository -}}
{{- end -}}
{{- if $digest -}}
{{ $name }}@{{ $digest }}
{{- else if $values.requireDigests -}}
{{ fail (printf "the image %s:%s has no digest: set image.digest, or run npm run images -- lock" $name $tag) }}
{{- else -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end }}

{{/* Returns the version of the worker of this release. */}}
{{- define "platform.buildId" -}}
{{ .Values.worker.versioning.buildId | default .Values.image.tag | default .Chart.AppVersion }}
{{- end }}

{{/* Returns the name of the worker deployment in Temporal. */}}
{{- define "platform.workerDeploymentName" -}}
{{ .Release.Namespace }}-{{ include "platform.name" . }}
{{- end }}

{{/* Returns the name of the cluster whose steps the workers run. */}}
{{- define "platform.clusterName" -}}
{{- $settings := merge dict .Values.worker.settings .Values.settings -}}
{{ $settings.CLUSTER_NAME | default "default" }}
{{- end }}

{{/* Fails with one sentence when values contradict that the release has workers only. */}}
{{- define "platform.checkWorkersOnly" -}}
{{- if .Values.workersOnly -}}
{{- if eq (include "platform.clusterName" .) "default" -}}
{{ fail "workersOnly needs settings.CLUSTER_NAME: set it to the name that POST /api/admin/clusters gave the cluster" }}
{{- end -}}
{{- if .Values.worker.controller.enabled -}}
{{ fail "workersOnly and worker.controller.enabled exclude each other: the Worker Controllers of two clusters would each make a version of their own current" }}
{{- end -}}
{{- if or .Values.ingress.enabled .Values.httpRoute.enabled .Values.tests.tokenSecret -}}
{{ fail "workersOnly excludes ingress, httpRoute and tests: they need the API, which is in another cluster" }}
{{- end -}}
{{- end -}}
{{- end }}

{{/* Fails with one sentence when the namespace of the release is one of those in which the worker may write. */}}
{{- define "platform.checkNamespace" -}}
{{- if hasPrefix "store-" .Release.Namespace -}}
{{ fail (printf "the namespace %s begins with store-, as the namespaces of stores do: install the platform in another namespace" .Release.Namespace) }}
{{- end -}}
{{- end }}

{{/* Returns the fields that every pod spec has in common. Takes a dict: root, component, token. */}}
{{- define "platform.podBasics" -}}
serviceAccountName: {{ include "platform.name" .root }}-{{ .component }}
automountServiceAccountToken: {{ .token }}
# Service links set variables such as STORE_PLATFORM_API_PORT, which could override settings.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "platform.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* Returns where the pods of a component run, and their priority. Takes a value such as .Values.api. */}}
{{- define "platform.placement" -}}
{{- with .priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .nodeSelector }}
nodeSelector:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .tolerations }}
tolerations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end }}

{{/* Returns the rules that spread the pods of a component over nodes and zones. Takes a dict: root, component, labels. */}}
{{- define "platform.spread" -}}
{{- $labels := .labels }}
topologySpreadConstraints:
  {{- range list "kubernetes.io/hostname" "topology.kubernetes.io/zone" }}
  - topologyKey: {{ . }}
    maxSkew: 1
    whenUnsatisfiable: ScheduleAnyway
    # Without it, the pods that an upgrade replaces count, and those of the new version end on one node.
    matchLabelKeys: [pod-template-hash]
    labelSelector:
      matchLabels:
        {{- $labels | nindent 8 }}
  {{- end }}
{{- end }}

{{/* Returns the URL of the API inside the cluster. */}}
{{- define "platform.apiUrl" -}}
http://{{ include "platform.name" . }}-api.{{ .Release.Namespace }}.svc:80
{{- end }}

{{/* Returns a variable whose value is a key of the Secret. Takes a dict: root, name, key, optional. */}}
{{- define "platform.secretVariable" -}}
- name: {{ .name }}
  valueFrom:
    secretKeyRef: { name: {{ .root.Values.existingSecret }}, key: {{ .key }}, optional: {{ .optional | default false }} }
{{- end }}

{{/*
Returns the variables of the connection to Temporal. Takes a dict: root, managed. A managed pod gets some of them, and the client
certificate, from the Worker Controller.
*/}}
{{- define "platform.temporalEnv" -}}
{{- $temporal := .root.Values.temporal -}}
{{- $hasCertificate := eq $temporal.authentication "certificate" -}}
{{- $secured := or $temporal.tls.enabled (ne $temporal.authentication "none") -}}
{{- $address := required "temporal.address is not set: set it to the address of Temporal's frontend" $temporal.address -}}
{{- if and $hasCertificate (not $temporal.tls.secretName) }}
{{ fail "temporal.tls.secretName is not set, and temporal.authentication is certificate: set it to a Secret with ca.crt, tls.crt and tls.key" }}
{{- end }}
{{- with $temporal.uiUrl }}
- { name: TEMPORAL_UI_URL, value: {{ . | quote }} }
{{- end }}
{{- if $temporal.tls.secretName }}
- { name: TEMPORAL_TLS_SERVER_CA_CERT_PATH, value: {{ ternary "/etc/temporal/tls/ca.crt" "/etc/temporal/ca.crt" (and $hasCertificate (.managed | default false)) }} }
{{- end }}
{{- if and $secured (not (and .managed $hasCertificate)) }}
- { name: TEMPORAL_TLS, value: 'true' }
{{- end }}
{{- if not .managed }}
- { name: TEMPORAL_ADDRESS, value: {{ $address | quote }} }
- { name: TEMPORAL_NAMESPACE, value: {{ $temporal.namespace | quote }} }
{{- with $temporal.tls.serverName }}
- { name: TEMPORAL_TLS_SERVER_NAME, value: {{ . | quote }} }
{{- end }}
{{- if $hasCertificate }}
- { name: TEMPORAL_TLS_CLIENT_CERT_PATH, value: /etc/temporal/tls.crt }
- { name: TEMPORAL_TLS_CLIENT_KEY_PATH, value: /etc/temporal/tls.key }
{{- end }}
{{- if eq $temporal.authentication "apiKey" }}
{{ include "platform.secretVariable" (dict "root" .root "name" "TEMPORAL_API_KEY" "key" "temporal-api-key") }}
{{- end }}
{{- end }}
{{- end }}

{{/* Returns the variable with the id of the installation, or nothing. */}}
{{- define "platform.installationEnv" -}}
{{- with .Values.installationId }}
- { name: INSTALLATION_ID, value: {{ lower . | quote }} }
{{- end }}
{{- end }}

{{/* Returns the first part of the names of the task queues. Fails with one sentence when the chart does not know it. */}}
{{- define "platform.taskQueuePrefix" -}}
{{- $command := printf "kubectl -n %s logs deployment/%s-api | grep -o '\"installation\":\"[^\"]*'" .Release.Namespace (include "platform.name" .) -}}
{{ lower (required (printf "installationId is not set, and KEDA needs it for the names of the task queues: for a new database, set it to the output of `uuidgen`; for a platform that runs, `%s` prints it" $command) .Values.installationId) }}
{{- end }}

{{/* Returns `true` when a component sends traces, or nothing. Takes a dict: root, component. */}}
{{- define "platform.sendsTraces" -}}
{{- $settings := merge (dict) (index .root.Values .component).settings .root.Values.settings -}}
{{- if or $settings.OTEL_EXPORTER_OTLP_ENDPOINT $settings.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT -}}
true
{{- end -}}
{{- end }}

{{/* Returns the variables that API and worker have in common. Takes a dict: root, component, managed. */}}
{{- define "platform.sharedEnv" -}}
{{- $component := . -}}
{{- with .root }}
{{- include "platform.installationEnv" . }}
{{- include "platform.caEnv" . }}
{{- include "platform.temporalEnv" $component }}
{{- with .Values.stores.domain }}
- { name: STORE_DOMAIN, value: {{ . | quote }} }
{{- end }}
- { name: STORE_SCHEME, value: {{ .Values.stores.scheme }} }
{{- with .Values.stores.port }}
- { name: STORE_PORT, value: {{ . | quote }} }
{{- end }}
{{ include "platform.secretVariable" (dict "root" . "name" "WEBHOOK_SECRET_KEY" "key" "webhook-secret-key" "optional" true) }}
{{- if include "platform.sendsTraces" $component }}
{{ include "platform.secretVariable" (dict "root" . "name" "OTEL_EXPORTER_OTLP_HEADERS" "key" "otlp-headers" "optional" true) }}
{{ include "platform.secretVariable" (dict "root" . "name" "OTEL_EXPORTER_OTLP_TRACES_HEADERS" "key" "otlp-traces-headers" "optional" true) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Returns settings as variables, in the order of their names. */}}
{{- define "platform.settingsEnv" -}}
{{- range $name, $value := . }}
- { name: {{ $name }}, value: {{ $value | toString | quote }} }
{{- end }}
{{- end }}

{{/*
Returns variables together with extraEnv of a component. Fails with one sentence when a name stands twice, because one of the values would
have no effect. Takes a dict: env (YAML), extra, key (of extraEnv in the values), reserved (names that something else sets).
*/}}
{{- define "platform.env" -}}
{{- $names := .reserved | default list }}
{{- range fromYamlArray .env }}
{{- $names = append $names .name }}
{{- end }}
{{- range .extra }}
{{- if has .name $names }}
{{ fail (printf "%s sets %s, which the chart, its settings or %s already sets: remove it there, or use the value of the chart" $.key .name $.key) }}
{{- end }}
{{- $names = append $names .name }}
{{- end }}
{{- .env | trim }}
{{- with .extra }}
{{ toYaml . }}
{{- end }}
{{- end }}

{{/* Returns the variable with the certificate authorities that a process trusts in addition to the public ones, or nothing. */}}
{{- define "platform.caEnv" -}}
{{- if .Values.caSecretName }}
- { name: NODE_EXTRA_CA_CERTS, value: /etc/ca/ca.crt }
{{- end }}
{{- end }}
{{- define "platform.caMount" -}}
{{- if .Values.caSecretName }}
- { name: ca, mountPath: /etc/ca, readOnly: true }
{{- end }}
{{- end }}
{{- define "platform.caVolume" -}}
{{- with .Values.caSecretName }}
- name: ca
  secret: { secretName: {{ . }}, defaultMode: 0440, items: [{ key: ca.crt, path: ca.crt }] }
{{- end }}
{{- end }}

{{/* Returns the mounts of a container and the volumes of its pod. Takes a dict: root, values (such as .Values.api), managed. */}}
{{- define "platform.mounts" -}}
- { name: tmp, mountPath: /tmp }
{{- include "platform.caMount" .root }}
{{- if include "platform.mountsTemporalTls" . }}
- { name: temporal-tls, mountPath: /etc/temporal, readOnly: true }
{{- end }}
{{- include "platform.extraMounts" .values }}
{{- end }}
{{- define "platform.volumes" -}}
- name: tmp
  emptyDir: { sizeLimit: 256Mi }
{{- include "platform.caVolume" .root }}
{{- if include "platform.mountsTemporalTls" . }}
- name: temporal-tls
  secret: { secretName: {{ .root.Values.temporal.tls.secretName }}, defaultMode: 0440 }
{{- end }}
{{- include "platform.extraVolumes" .values }}
{{- end }}

{{/* Returns `true` or nothing. The Worker Controller itself mounts the client certificate. Takes a dict: root, managed. */}}
{{- define "platform.mountsTemporalTls" -}}
{{- $temporal := .root.Values.temporal -}}
{{- if and $temporal.tls.secretName (not (and .managed (eq $temporal.authentication "certificate"))) -}}
true
{{- end -}}
{{- end }}

{{/* Return extraVolumeMounts and extraVolumes of a component. Take a value such as .Values.api. */}}
{{- define "platform.extraMounts" -}}
{{- with .extraVolumeMounts }}
{{ toYaml . }}
{{- end }}
{{- end }}
{{- define "platform.extraVolumes" -}}
{{- with .extraVolumes }}
{{ toYaml . }}
{{- end }}
{{- end }}
