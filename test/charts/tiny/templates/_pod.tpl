{{- define "tiny.pod" -}}
{{- with .Values.nodeSelector }}
nodeSelector: {{ toJson . }}
{{- end }}
automountServiceAccountToken: false
securityContext:
  runAsNonRoot: true
  runAsUser: 1000
  seccompProfile: { type: RuntimeDefault }
containers:
  - name: main
    image: {{ .Values.image | quote }}
    command: [sleep, infinity]
    securityContext:
      allowPrivilegeEscalation: {{ .Values.privileged }}
      privileged: {{ .Values.privileged }}
      {{- if not .Values.privileged }}
      capabilities: { drop: [ALL] }
      {{- end }}
    resources:
      requests: { cpu: {{ .Values.cpu | quote }}, memory: 16Mi }
      limits: { cpu: {{ .Values.cpu | quote }}, memory: 32Mi }
    env:
      - name: DB_PASSWORD
        valueFrom: { secretKeyRef: { name: {{ .Values.existingSecret }}, key: db-password } }
{{- end -}}
