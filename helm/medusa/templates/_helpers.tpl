{{/* Labels of every object. Takes a dict: root, component. */}}
{{- define "medusa.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "medusa.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/* Labels of pods. No versions among them: a new chart must not restart a database. Takes a dict: root, component. */}}
{{- define "medusa.podLabels" -}}
{{ include "medusa.selectorLabels" . }}
app.kubernetes.io/part-of: store
store-platform.dev/store-id: {{ .root.Values.store.id | quote }}
store-platform.dev/engine: medusa
{{- end }}

{{/* Labels that never change: selectors are immutable. Takes a dict: root, component. */}}
{{- define "medusa.selectorLabels" -}}
app.kubernetes.io/name: medusa
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/* Reference of an image. Takes a dict: root, image. */}}
{{- define "medusa.image" -}}
{{- if .image.digest -}}
{{ .image.repository }}@{{ .image.digest }}
{{- else -}}
{{ .image.repository }}:{{ .image.tag | default .root.Chart.AppVersion }}
{{- end -}}
{{- end }}

{{- define "medusa.publicUrl" -}}
{{- $store := .Values.store -}}
{{- $default := ternary 443 80 (eq $store.scheme "https") -}}
{{ $store.scheme }}://{{ $store.host }}{{ if ne (int $store.port) $default }}:{{ int $store.port }}{{ end }}
{{- end }}

{{/* Opening lines of every pod spec. Takes a dict: root, user, group. */}}
{{- define "medusa.podBasics" -}}
serviceAccountName: store
automountServiceAccountToken: false
# Variables such as DB_PORT, made of Service names, would shadow settings of the programs.
enableServiceLinks: false
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: {{ .user }}
  runAsGroup: {{ .group }}
  fsGroup: {{ .group }}
  fsGroupChangePolicy: OnRootMismatch
  seccompProfile:
    type: RuntimeDefault
{{- end }}

{{- define "medusa.containerSecurity" -}}
allowPrivilegeEscalation: false
privileged: false
readOnlyRootFilesystem: true
runAsNonRoot: true
capabilities:
  drop: [ALL]
{{- end }}

{{/* A ReadWriteOnce volume can be on one node only: keep its pods together, the surge pod of a rollout included. */}}
{{- define "medusa.staticAffinity" -}}
{{- if ne .Values.static.accessMode "ReadWriteMany" -}}
affinity:
  podAffinity:
    requiredDuringSchedulingIgnoredDuringExecution:
      - topologyKey: kubernetes.io/hostname
        labelSelector:
          matchLabels:
            app.kubernetes.io/instance: {{ .Release.Name }}
            store-platform.dev/volume: static
{{- end }}
{{- end }}

{{/* Environment of every Medusa process. Values stand in the ConfigMap, since those are not expanded: a store's name may hold `$(…)`. */}}
{{- define "medusa.env" -}}
envFrom:
  - configMapRef:
      name: medusa-env
env:
  - name: DB_PASSWORD
    valueFrom:
      secretKeyRef: { name: {{ .Values.existingSecret }}, key: db-password }
  - name: REDIS_PASSWORD
    valueFrom:
      secretKeyRef: { name: {{ .Values.existingSecret }}, key: redis-password }
  - name: JWT_SECRET
    valueFrom:
      secretKeyRef: { name: {{ .Values.existingSecret }}, key: jwt-secret }
  - name: COOKIE_SECRET
    valueFrom:
      secretKeyRef: { name: {{ .Values.existingSecret }}, key: cookie-secret }
  - name: AUTH_MFA_ENCRYPTION_KEY
    valueFrom:
      secretKeyRef: { name: {{ .Values.existingSecret }}, key: mfa-encryption-key }
  # The kubelet puts the passwords in; they hold letters and digits only, so they need no escaping in a URL.
  - name: DATABASE_URL
    value: postgres://medusa:$(DB_PASSWORD)@db:5432/medusa
  - name: REDIS_URL
    value: redis://:$(REDIS_PASSWORD)@redis:6379
{{- end }}
