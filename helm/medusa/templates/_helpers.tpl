{{/* Returns the labels of an object. Takes a dict: root, component. */}}
{{- define "medusa.labels" -}}
helm.sh/chart: {{ printf "%s-%s" .root.Chart.Name .root.Chart.Version }}
{{ include "medusa.podLabels" . }}
app.kubernetes.io/version: {{ .root.Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .root.Release.Service }}
{{- end }}

{{/*
Returns the labels of a pod. They contain no version: a new chart version must not restart a database.
Takes a dict: root, component.
*/}}
{{- define "medusa.podLabels" -}}
{{ include "medusa.selectorLabels" . }}
app.kubernetes.io/part-of: store
store-platform.dev/store-id: {{ .root.Values.store.id | quote }}
store-platform.dev/engine: medusa
{{- end }}

{{/* Returns the selector labels. They never change, because selectors are immutable. Takes a dict: root, component. */}}
{{- define "medusa.selectorLabels" -}}
app.kubernetes.io/name: medusa
app.kubernetes.io/instance: {{ .root.Release.Name }}
app.kubernetes.io/component: {{ .component }}
{{- end }}

{{/*
Returns the label and the annotations that keep a service mesh from adding its proxy to a pod that must end: the proxy would run on, so
the pod would never end. Istio reads the label, and its versions before 1.10 the annotation. Linkerd reads an annotation.
*/}}
{{- define "medusa.noMeshLabels" -}}
sidecar.istio.io/inject: 'false'
{{- end }}
{{- define "medusa.noMeshAnnotations" -}}
sidecar.istio.io/inject: 'false'
linkerd.io/inject: disabled
{{- end }}

{{/*
Returns an image reference. A digest in the values wins over the one in digests.json, which `npm run images -- lock` writes; without
both it contains the tag. `imageRegistry` precedes a repository that names no registry. Takes a dict: root, image.
*/}}
{{- define "medusa.image" -}}
{{- $values := .root.Values -}}
{{- $repository := .image.repository -}}
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
{{ fail (printf "the image %s:%s has no digest: set its digest, or run npm run images -- lock" $name $tag) }}
{{- else -}}
{{ $name }}:{{ $tag }}
{{- end -}}
{{- end }}

{{- define "medusa.publicUrl" -}}
{{- $store := .Values.store -}}
{{- $default := ternary 443 80 (eq $store.scheme "https") -}}
{{ $store.scheme }}://{{ $store.host }}{{ if ne (int $store.port) $default }}:{{ int $store.port }}{{ end }}
{{- end }}

{{/* Returns the fields that every pod spec has in common. Takes a dict: root, user, group. */}}
{{- define "medusa.podBasics" -}}
serviceAccountName: store
automountServiceAccountToken: false
# Service links set variables such as DB_PORT, which would override settings of the programs.
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

{{/*
Returns the pod affinity for a ReadWriteOnce volume. It can be mounted on one node only, so all its pods run there, including the
surge pod of a rollout.
*/}}
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

{{/*
Returns the environment of a Medusa process. Settings are in a ConfigMap, because Kubernetes does not expand `$(…)` in its values
and a store name may contain it.
*/}}
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
  # The kubelet inserts the passwords. They consist of letters and digits, so they need no escaping in a URL.
  - name: DATABASE_URL
    value: postgres://medusa:$(DB_PASSWORD)@db:5432/medusa
  - name: REDIS_URL
    value: redis://:$(REDIS_PASSWORD)@redis:6379
{{- end }}
